package measure

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

func TestTally(t *testing.T) {
	var all Tally
	all.Add("a", "1.5.0", false)
	before := all.Counts()
	all.Add("a", "1.5.0", true)
	all.Add("b", "1.6.0", true)
	all.Add("a", "1.6.0", false)
	all.Add("b", "", true)
	got := all.Counts().Since(before)
	if got.Sent != 4 || got.Failed != 3 || got.Lost != 1 || got.By["1.5.0"] != 1 || got.By["1.6.0"] != 1 || got.Served["1.6.0"] != 2 || got.Served["1.5.0"] != 1 {
		t.Errorf("%+v", got)
	}
	if before.Sent != 1 || before.By["1.5.0"] != 0 {
		t.Errorf("counts that were given out changed: %+v", before)
	}
	past := all.Past()
	all.Add("b", "1.5.0", false)
	if len(past) != 2 || past["a"] != (predict.Past{Requests: 3, Errors: 1}) || past["b"] != (predict.Past{Requests: 1, Errors: 1}) {
		t.Errorf("of tenants: %+v", past)
	}
}

// TestDetected: from the first change that reaches anybody, until harm is found.
func TestDetected(t *testing.T) {
	start := time.Unix(0, 0)
	stages := []contract.Stage{{Instances: 4}, {Tenants: 15, Share: 10}}
	event := func(seconds int, kind engine.EventKind, stage int, v *engine.Verdict) engine.Event {
		return engine.Event{At: start.Add(time.Duration(seconds) * time.Second), Kind: kind, Stage: stage, Verdict: v}
	}
	events := []engine.Event{
		event(0, engine.Began, 0, nil), event(1, engine.Made, 0, nil), event(3, engine.Made, 1, nil),
		event(9, engine.Judged, 1, &engine.Verdict{Result: engine.Fail, Winner: "A"}),
		event(10, engine.Judged, 1, &engine.Verdict{Result: engine.Fail}),
	}
	if got := detected(stages, events); got != 7 {
		t.Errorf("detected after %g s", got)
	}
	if got := detected(stages, events[:4]); got >= 0 {
		t.Errorf("a test that keeps A found harm after %g s", got)
	}
}
