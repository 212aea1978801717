package engine

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
)

// Digest identifies what a spec asks for, whatever of it is spelled out: two specs
// that resolve to the same settings have the same digest.
func (s Spec) Digest() string {
	h := sha256.New()
	writeJSON(h, s.Resolve())
	return hex.EncodeToString(h.Sum(nil))
}

// digest identifies the plan. Targets are hashed in binary: a plan for a million
// tenants is hashed in some ten milliseconds.
func (p Plan) digest() string {
	head := p
	head.Digest, head.Tenants, head.Instances = "", nil, nil
	h := sha256.New()
	writeJSON(h, head)
	w := bufio.NewWriterSize(h, 1<<12)
	var scratch [8]byte
	number := func(n uint64) {
		binary.LittleEndian.PutUint64(scratch[:], n)
		_, _ = w.Write(scratch[:]) // a hash never fails
	}
	text := func(s string) {
		number(uint64(len(s)))
		_, _ = w.WriteString(s)
	}
	number(uint64(len(p.Instances)))
	for _, i := range p.Instances {
		text(i.ID)
		text(i.Default)
		number(uint64(len(i.Installed)))
		for _, v := range i.Installed {
			text(v)
		}
		if i.Ready {
			number(1)
		}
	}
	for _, t := range p.Tenants {
		text(t.ID)
		text(t.Pin)
		number(math.Float64bits(t.Weight))
		number(uint64(t.PriorRequests))
		number(uint64(t.PriorErrors))
	}
	_ = w.Flush()
	return hex.EncodeToString(h.Sum(nil))
}

// writeJSON writes v, which is made of plain values and cannot fail to encode.
func writeJSON(w io.Writer, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("engine: " + err.Error())
	}
	_, _ = w.Write(b)
}
