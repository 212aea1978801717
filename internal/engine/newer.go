package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// NewerError says that something was written by a newer version of this program, which
// has to be used to read it: it is not broken.
type NewerError struct {
	What string // what is not known here: "the plan has format 9, and this version reads up to 3"
}

// Error says so.
func (e *NewerError) Error() string {
	return e.What + ": it was written by a newer version of this program"
}

// RefuseNewer refuses a document, "the plan" say, whose format is above the last one
// that is known. The error is a *NewerError.
func RefuseNewer(what string, format, known int) error {
	if format <= known {
		return nil
	}
	return &NewerError{fmt.Sprintf("%s has format %d, and this version reads up to %d", what, format, known)}
}

// DecodeEvent reads an event as a journal has it, in JSON. A kind or a field that is not
// known is not passed over, as it may change what the event means: the error is a
// *NewerError.
func DecodeEvent(text []byte) (Event, error) {
	var e Event
	unknown, err := decodeKnown(text, &e)
	_, known := rules[e.Kind]
	switch {
	case e.Kind != "" && !known:
		return e, &NewerError{fmt.Sprintf("event %d is of a kind %s that this version does not know", e.Seq, quote(string(e.Kind)))}
	case err != nil:
		return e, err
	case unknown != "":
		return e, &NewerError{fmt.Sprintf("event %d has a field %s that this version does not know", e.Seq, unknown)}
	case e.Kind == "":
		return e, fmt.Errorf("event %d has no kind", e.Seq)
	}
	return e, nil
}

// decodeKnown reads JSON into v. unknown is a field, in quotes, that v has not; "": it
// has all.
func decodeKnown(text []byte, v any) (unknown string, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err = d.Decode(v)
	if err == nil {
		return "", nil
	}
	field, found := strings.CutPrefix(err.Error(), "json: unknown field ")
	if !found {
		field = ""
	}
	return field, json.Unmarshal(text, v) // whatever else is wrong, and all that is known
}
