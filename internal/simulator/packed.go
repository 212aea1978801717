package simulator

import (
	"encoding/base64"
	"encoding/json"
	"errors"
)

// packed is a list of small numbers that is written down in two bytes each, as
// base64: there is one for every tenant, many times over.
type packed []uint16

// MarshalJSON writes p.
func (p packed) MarshalJSON() ([]byte, error) {
	b := make([]byte, 2*len(p))
	for i, v := range p {
		b[2*i], b[2*i+1] = byte(v), byte(v>>8)
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(b))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *packed) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return err
	}
	if len(b)%2 != 0 {
		return errors.New("a packed list has half a number at its end")
	}
	*p = make(packed, len(b)/2)
	for i := range *p {
		(*p)[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return nil
}
