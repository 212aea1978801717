package server

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// measure counts the traffic of a time.
func (w *world) measure(x *call) error {
	if w.Meter == nil {
		return exchange.Refuse(contract.NotSupported, "the fleet counts no traffic")
	}
	var body contract.Question
	if err := x.body(&body); err != nil {
		return err
	}
	of, err := question(&body, w)
	if err != nil {
		return err
	}
	if body.Cursor != "" {
		p, err := x.shelf.at(of, body.Cursor)
		if err != nil {
			return err
		}
		return x.Answer(http.StatusOK, p.items.(*counted).page(x, p))
	}
	c, err := w.count(x, &body)
	if err != nil {
		return err
	}
	var first place
	if n := c.size(); n > x.limits.Page {
		first = x.shelf.put(of, c, n)
	}
	return x.Answer(http.StatusOK, c.page(x, first))
}

// question checks a question, and says what a list of its answer is a list of.
func question(q *contract.Question, w *world) (string, error) {
	switch {
	case q.From.IsZero() || q.To.IsZero():
		return "", exchange.Wrong("from, to", "are missing")
	case q.To.Before(q.From):
		return "", exchange.Wrong("to", "%s is before from, %s", q.To, q.From)
	case !(q.TenantBound >= 0) || math.IsInf(q.TenantBound, 0):
		return "", exchange.Wrong("tenantBound", "%g is not a latency", q.TenantBound)
	}
	last := 0.0
	for i, b := range q.Bounds {
		if !(b > last) || math.IsInf(b, 0) {
			return "", exchange.Wrong("bounds", "[%d] is %g, and they have to rise from above 0", i, b)
		}
		last = b
	}
	same := *q
	same.Cursor = ""
	text, err := json.Marshal(same)
	return fmt.Sprintf("answers of %s in %s to %s", w.Plugin, w.Environment, contract.DigestOf(text)), err
}

// count asks the meter. A meter that cannot say is unavailable: nothing was done.
func (w *world) count(x *call, q *contract.Question) (*counted, error) {
	l, instances, err := w.scope(q.Targets, q.Instances)
	if err != nil {
		return nil, err
	}
	can, err := w.capabilities(x.Context())
	if err != nil {
		return nil, err
	}
	asked := engine.Question{
		Rollout: q.Rollout, Version: q.Version, From: q.From, To: q.To, Candidate: contract.Want(q.Candidate), Baseline: contract.Want(q.Baseline),
		Bounds: q.Bounds, TenantBound: q.TenantBound, Instances: instances, Slot: q.Slot, Targets: l.targets,
	}
	var a engine.Answer
	w.Do(func() { a, err = w.Meter.Measure(x.Context(), asked) })
	if err != nil {
		if f := exchange.Failed(err); f.Reason != contract.Internal {
			return nil, f
		}
		return nil, exchange.Refuse(contract.Unavailable, "%v", err)
	}
	c := &counted{coverage: a.Coverage, candidate: told(&a.Candidate, asked.Candidate, &can), baseline: told(&a.Baseline, asked.Baseline, &can)}
	c.tenants[0], c.tenants[1] = byTenant(&a.Candidate, asked.Candidate), byTenant(&a.Baseline, asked.Baseline)
	return c, nil
}
