package simulator

import (
	"encoding/json"
	"math"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// trace is a hash of what was seen, in order. What comes often is put into it field by
// field, the rest as JSON.
type trace uint64

func (h *trace) number(x uint64) { *h = trace(chance.Mix(uint64(*h)^x) + chance.Golden) }

func (h *trace) text(s string) { h.number(chance.Key(s)) }

func (h *trace) texts(list []string) {
	h.number(uint64(len(list)))
	for _, s := range list {
		h.text(s)
	}
}

func (h *trace) moment(t time.Time) {
	h.number(uint64(t.Unix()))
	h.number(uint64(t.Nanosecond()))
}

func (h *trace) among(r engine.Range) {
	h.number(uint64(r.From))
	h.number(uint64(r.To))
}

func (h *trace) other(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		data = []byte(err.Error())
	}
	h.text(string(data))
}

// order puts an order into h.
func (h *trace) order(o *engine.Order) {
	c := &o.Change
	h.number(uint64(o.Seq))
	h.text(string(c.Kind))
	h.text(c.Version)
	h.among(c.Instances)
	h.among(c.Tenants)
	h.texts(c.Named)
	h.text(c.Slot)
	h.number(uint64(c.Count))
	h.texts(c.Tests)
	h.number(uint64(len(c.Routes)))
	for _, r := range c.Routes {
		h.text(r.Slot)
		h.number(math.Float64bits(r.Percent))
	}
}

// event puts an event into h.
func (h *trace) event(e *engine.Event) {
	h.number(uint64(e.Seq))
	h.moment(e.At)
	h.text(string(e.Kind))
	h.number(uint64(e.Stage))
	h.number(uint64(e.Change))
	h.text(e.Did)
	h.moment(e.Until)
	if e.Cause != "" {
		h.text(string(e.Cause))
	}
	if e.Refused {
		h.text("refused")
	}
	h.text(e.By)
	h.text(e.Error)
	h.texts(e.Targets)
	if len(e.Behind) > 0 {
		h.texts(e.Behind)
	}
	h.text(string(e.Outcome))
	if e.Writer != "" {
		h.text(e.Writer)
	}
	if e.Verdict != nil {
		h.other(e.Verdict)
	}
	if e.Before != nil {
		h.other(e.Before)
	}
	if e.Exposed != nil {
		h.number(uint64(e.Exposed.Tenants))
		h.number(uint64(e.Exposed.Instances))
		h.number(math.Float64bits(e.Exposed.Share))
	}
}
