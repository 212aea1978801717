package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// record is one line.
func record(v any) []byte {
	var b bytes.Buffer
	b.WriteString("00000000 ")
	writeJSON(&b, v)
	line := b.Bytes()
	copy(line, fmt.Sprintf("%08x", crc32.Checksum(line[9:], castagnoli)))
	return append(line, '\n')
}

// parseJournal reads a file; size is the length of its whole lines. list reads a list
// of tenants. The plan in the head is whole.
func parseJournal(data []byte, list func(name string) ([]Tenant, error)) (head journalHead, events []Event, size int, err error) {
	for number := 1; size < len(data); number++ {
		line, _, whole := bytes.Cut(data[size:], []byte("\n"))
		rest := size + len(line) + 1
		body, ok := checked(line)
		if !whole || !ok {
			if number > 1 && !whole {
				return head, events, size, nil // the torn tail
			}
			return journalHead{}, nil, 0, fmt.Errorf("line %d is broken: its checksum does not match", number)
		}
		if number == 1 {
			err = parseHead(body, &head, list)
		} else {
			var e Event
			if err = json.Unmarshal(body, &e); err == nil && e.Seq != int64(len(events)) {
				err = fmt.Errorf("holds event %d where %d belongs", e.Seq, len(events))
			}
			events = append(events, e)
		}
		if err != nil {
			return journalHead{}, nil, 0, fmt.Errorf("line %d: %w", number, err)
		}
		size = rest
	}
	if size == 0 {
		return journalHead{}, nil, 0, errors.New("is empty")
	}
	return head, events, size, nil
}

func parseHead(body []byte, head *journalHead, list func(name string) ([]Tenant, error)) error {
	var format struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(body, &format); err != nil {
		return err
	}
	if format.Format < journalFormat || format.Format > listedFormat {
		return fmt.Errorf("the journal has format %d, and this version reads up to %d: use a newer version of this program", format.Format, listedFormat)
	}
	if err := json.Unmarshal(body, head); err != nil {
		return err
	}
	if head.Tenants != nil {
		tenants, err := list(head.Tenants.List)
		if err == nil {
			head.Plan.Tenants, err = head.Tenants.unpack(tenants)
		}
		if err != nil {
			return err
		}
	}
	return checkPlan(&head.Plan)
}

// checked is the record of a line whose checksum matches.
func checked(line []byte) (body []byte, ok bool) {
	if len(line) < 9 || line[8] != ' ' {
		return nil, false
	}
	body = line[9:]
	return body, string(line[:8]) == fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli))
}
