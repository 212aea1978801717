package sql

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// planFormat is the version of the form of [document].
const planFormat = 1

// document is a plan as it is kept, in JSON, compressed.
type document struct {
	Format    int                   `json:"format"`
	Digest    string                `json:"digest"` // of the plan
	Plan      json.RawMessage       `json:"plan"`   // the bytes of engine.EncodePlan
	Instances []engine.PlanInstance `json:"instances"`
	Tenants   []engine.Tenant       `json:"tenants"`
}

// encodePlan writes a plan down.
func encodePlan(p *engine.Plan) ([]byte, error) {
	d := document{Format: planFormat, Digest: p.Digest, Plan: engine.EncodePlan(p), Instances: p.Instances, Tenants: p.Tenants}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed) // a plan for many tenants is megabytes
	if err == nil {
		err = json.NewEncoder(w).Encode(d)
	}
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// decodePlan reads what encodePlan wrote.
func decodePlan(text []byte) (*engine.Plan, error) {
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("the plan is not one: %w", err)
	}
	text, err = io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("the plan is not one: %w", err)
	}
	var d document
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return nil, undecoded(text, err)
	}
	if err := engine.RefuseNewer("the document of the plan", d.Format, planFormat); err != nil {
		return nil, err
	}
	if d.Format < 1 {
		return nil, errors.New("the plan is not one: it has no format")
	}
	return engine.DecodePlan(d.Plan, d.Digest, d.Instances, d.Tenants)
}

// undecoded says why a document is none: a newer version wrote it, or it is broken.
func undecoded(text []byte, err error) error {
	var known struct {
		Format int `json:"format"`
	}
	if json.Unmarshal(text, &known) == nil {
		if err := engine.RefuseNewer("the document of the plan", known.Format, planFormat); err != nil {
			return err
		}
	}
	if field, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return &engine.NewerError{What: "the document of the plan has a field " + field + " that this version does not know"}
	}
	return fmt.Errorf("the plan is not one: %w", err)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encodeEvent writes an event down, with its CRC-32C: a database that was damaged may still
// be one.
func encodeEvent(e *engine.Event) (text []byte, checksum int64, err error) {
	text, err = json.Marshal(e)
	return text, int64(crc32.Checksum(text, castagnoli)), err
}

// decodeEvent reads event number seq.
func decodeEvent(text []byte, checksum, seq int64) (engine.Event, error) {
	if int64(crc32.Checksum(text, castagnoli)) != checksum {
		return engine.Event{}, errors.New("is broken: its checksum does not match")
	}
	e, err := engine.DecodeEvent(text)
	if err == nil && e.Seq != seq {
		err = fmt.Errorf("holds event %d where %d belongs", e.Seq, seq)
	}
	return e, err
}
