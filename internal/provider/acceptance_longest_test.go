package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// This file is the first one, so that its test, which takes the longest, begins before the others.

// TestAccServedPrometheusAway stops Prometheus in the middle of a bake: its clock stands, and
// nothing passes, until Prometheus is back.
func TestAccServedPrometheusAway(t *testing.T) {
	t.Parallel()
	tf, s := newTerraform(t), serveFleet(t, uncounted)
	p := s.scraped()
	tf.write("main.tf", s.block(fmt.Sprintf("prometheus = { address = %q }", p.Address))+
		resourceBlock("1.6.0", "strategy = \"Canary\"\n canary = { stages = [100], evaluation_period = \"75s\" }"))
	b := tf.start("apply", "-auto-approve", "-no-color")
	baking := s.eventually(b, "the bake", func(e engine.Event) bool { return e.Kind == engine.Settled && e.Stage == 1 })
	p.Stop()
	kind := func(kind engine.EventKind) func(engine.Event) bool {
		return func(e engine.Event) bool { return e.Kind == kind }
	}
	blinded := s.eventually(b, "blindness", kind(engine.Blinded))
	if last := s.events(firstRollout); last[len(last)-1].Kind != engine.Blinded {
		t.Errorf("after the samples stopped there is %+v", last[len(last)-1])
	}
	p.Restart()
	sighted := s.eventually(b, "sight", kind(engine.Sighted))
	tf.good(b.wait(4 * time.Minute))
	defer func() {
		for _, e := range s.events(firstRollout) {
			if t.Failed() {
				t.Logf("%s %d %s stage %d %s %+v", e.At.Format(time.TimeOnly), e.Seq, e.Kind, e.Stage, e.Error, e.Verdict)
			}
		}
	}()
	tf.expect(map[string]any{"status": "succeeded", "active_version": "1.6.0"})
	judged := s.eventually(b, "a verdict", func(e engine.Event) bool { return e.Kind == engine.Judged && e.Stage == 1 })
	if judged.Seq != sighted.Seq+1 || sighted.Seq != blinded.Seq+1 || judged.Verdict.Result != engine.Pass {
		t.Errorf("blinded is event %d, sighted %d, judged %d: %+v", blinded.Seq, sighted.Seq, judged.Seq, judged.Verdict)
	}
	blind := sighted.At.Sub(blinded.Until)
	if took := judged.At.Sub(baking.At); took < 75*time.Second+blind-5*time.Second {
		t.Errorf("it baked for %s, of which it was blind for %s", took, blind)
	}
}
