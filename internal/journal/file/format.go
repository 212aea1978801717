package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record is one line.
func record(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	line := fmt.Appendf(make([]byte, 0, len(body)+10), "%08x ", crc32.Checksum(body, castagnoli))
	return append(append(line, body...), '\n'), nil
}

// checked is the record of a line whose checksum matches.
func checked(line []byte) (body []byte, ok bool) {
	if len(line) < 9 || line[8] != ' ' {
		return nil, false
	}
	body = line[9:]
	return body, string(line[:8]) == fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli))
}

// contents is what a file holds.
type contents struct {
	plan   *engine.Plan // nil: it cannot be read
	who    identity     // known even of some plans that cannot be read
	list   string       // of its tenants; "": they are in the file
	events []engine.Event
	size   int64 // of the whole lines
}

// identity is which rollout it is.
type identity struct {
	Format    int    `json:"format"` // of the plan
	Rollout   string `json:"rollout"`
	Candidate string `json:"candidate"`
	Spec      struct {
		PluginID    string             `json:"pluginId"`
		Environment engine.Environment `json:"environment"`
	} `json:"spec"`
}

// recordStart is how the record of an event begins, and occurs nowhere else in it: a line
// that holds two has lost the line break between them, and is no torn tail.
var recordStart = []byte(`{"seq":`)

// errChecksum is what is wrong with a line that was changed, or written in part.
var errChecksum = errors.New("is broken: its checksum does not match")

// parse reads a file. list reads a list of tenants. Where it fails, line says at which
// one, and c is what comes before.
func parse(data []byte, list func(name string) ([]engine.Tenant, error)) (c contents, line int, err error) {
	for line = 1; c.size < int64(len(data)); line++ {
		text, rest, whole := bytes.Cut(data[c.size:], []byte("\n"))
		body, ok := checked(text)
		switch {
		case whole && ok:
		case line > 1 && len(rest) == 0 && bytes.Count(text, recordStart) < 2:
			return c, 0, nil // the torn tail
		default:
			return c, line, errChecksum
		}
		if line == 1 {
			err = c.head(body, list)
		} else {
			err = c.event(body)
		}
		if err != nil {
			return c, line, err
		}
		c.size += int64(len(text)) + 1
	}
	if c.size == 0 {
		return c, 1, errors.New("is missing: the file is empty")
	}
	return c, 0, nil
}

// event takes the record of an event.
func (c *contents) event(body []byte) error {
	e, err := engine.DecodeEvent(body)
	if err != nil {
		return err
	}
	if e.Seq != int64(len(c.events)) {
		return fmt.Errorf("holds event %d where %d belongs", e.Seq, len(c.events))
	}
	c.events = append(c.events, e)
	return nil
}
