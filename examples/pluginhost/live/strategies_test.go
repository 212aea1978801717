package live

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// kept is how an A/B test ends whose B is no better: by its verdict, retained, or, where B is bad,
// by a guard that is faster, rolled back.
const kept = "kept"

// back is how others end whose version is bad.
const back = "rolled_back"

// TestStrategies has terraform roll out by all five strategies, a good version and a bad one,
// itself and by the server: the host loses no request, and what the clients saw is where the
// simulator said it would be.
func TestStrategies(t *testing.T) {
	r := start(t, nil)
	if err := r.Learn(context.Background()); err != nil {
		t.Fatal(err)
	}
	c := &chances{}
	for _, cell := range []struct {
		strategy engine.Strategy
		way      string
		version  string // "": a good one
		outcome  string
	}{
		{engine.Canary, byFleet, "", "succeeded"},
		{engine.Canary, byServer, "1.7.0", back},
		{engine.BlueGreen, byServer, "", "succeeded"},
		{engine.BlueGreen, byFleet, "1.7.0", back},
		{engine.Rolling, byFleet, "", "succeeded"},
		{engine.Rolling, byServer, "1.7.0", back},
		{engine.Direct, byServer, "", "succeeded"},
		{engine.Direct, byFleet, "1.7.0", back},
		{engine.ABTesting, byServer, "1.7.0", kept},
		{engine.ABTesting, byFleet, "", kept},
	} {
		name := fmt.Sprintf("%s %s by %s", cell.strategy, cell.outcome, cell.way)
		ok := t.Run(name, func(t *testing.T) {
			ctx, p := context.Background(), PolicyOf(cell.strategy)
			from, version, err := r.prepare(ctx, Case{Policy: p, Version: cell.version})
			if err != nil {
				t.Fatal(err)
			}
			said, err := r.Foretell(ctx, p, version, from, 100)
			if err != nil {
				t.Fatal(err)
			}
			tf, began := newTerraform(t), time.Now()
			tf.write(r.block(cell.way), p, version)
			text, succeeded := tf.apply()
			played, err := r.measured(ctx, cell.way, from, version)
			if err != nil {
				t.Fatal(err)
			}
			if played.Began.Before(began) {
				t.Fatalf("%s began before it was asked for:\n%s", played.Rollout, text)
			}
			if cell.outcome == kept && (played.Outcome == back || played.Outcome == "retained") {
				cell.outcome = played.Outcome
			}
			if succeeded != (cell.outcome != back) {
				t.Fatalf("apply: %v\n%s", succeeded, text)
			}
			r.stands(t, tf, text, cell.outcome, played, version, cell.strategy == engine.Direct)
			c.hold(t, Row{Policy: p.Name, Version: version, Real: []*Played{played}, Said: said})
		})
		if !ok && t.Failed() && r.Stack.Server.State().Deaths > 0 {
			t.Fatal("the server died")
		}
	}
	c.end(t)
}

// stands holds what terraform said, its state, the journal and the fleet against each other.
func (r *Rig) stands(t *testing.T, tf *terraform, text, outcome string, p *Played, version string, direct bool) {
	t.Helper()
	if p.Outcome != outcome {
		t.Errorf("the journal says %s: %s", p.Outcome, p.Story)
	}
	if lost := r.Lost(); p.Lost > p.outage(direct) {
		t.Errorf("the host lost %d requests, more than the %d that come while nobody serves: %v", p.Lost, p.outage(direct), lost)
	}
	serves, err := r.Serving(context.Background())
	if want := map[bool]string{true: version, false: p.From}[outcome == "succeeded"]; err != nil || serves != want {
		t.Errorf("the fleet serves %s and not %s (%v)", serves, want, err)
	}
	has := tf.deployed()
	switch outcome {
	case back:
		if !strings.Contains(text, "olled back") || !strings.Contains(text, version) {
			t.Errorf("terraform does not say that %s was rolled back:\n%s", version, text)
		}
	case "retained":
		if !strings.Contains(text, "Warning") || has.Outcome != outcome {
			t.Errorf("terraform does not warn that A was kept; its state has %+v:\n%s", has, text)
		}
	default:
		if has.Outcome != outcome || has.ActiveVersion != version {
			t.Errorf("the state has %+v", has)
		}
	}
	for i, e := range p.Events {
		if i > 0 && e.Seq != p.Events[i-1].Seq+1 {
			t.Errorf("event %d comes after event %d", e.Seq, p.Events[i-1].Seq)
		}
	}
}

// outage is how many requests come while nobody serves: none, but where all instances are replaced
// at once, which is what Direct is.
func (p *Played) outage(direct bool) (n int64) {
	var made time.Time
	for i, e := range p.Events {
		switch {
		case e.Kind == engine.Made && direct:
			made = e.At
		case (e.Kind == engine.Settled || e.Kind == engine.Reverted) && !made.IsZero():
			n += int64(rate * (e.At.Sub(made).Seconds() + 1))
			made = time.Time{}
		case i == len(p.Events)-1 && !made.IsZero():
			n += int64(rate * e.At.Sub(made).Seconds())
		}
	}
	return n
}
