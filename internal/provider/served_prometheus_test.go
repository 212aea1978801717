package provider

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom/promtest"
)

// uncounted is a fleet that does not count its traffic: only a Prometheus can judge it.
var uncounted = usualFleet("fleet:\n  can: {traffic: false}\n")

// scraped starts a Prometheus that scrapes the fleet, with its token, and waits until it
// has seen the versions.
func (s *servedFleet) scraped() *promtest.Prometheus {
	s.t.Helper()
	p := promtest.StartWith(s.t, promtest.Options{
		Targets: []string{strings.TrimPrefix(s.url, "http://")},
		More:    fmt.Sprintf("  authorization: {credentials_file: %q}\n", filepath.ToSlash(s.token)),
	})
	for range 300 {
		resp, err := http.Get(p.Address + "/api/v1/query?query=hotswap_plugin_requests_total")
		if err != nil {
			s.t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // it was read
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(string(answer), `"version":"1.5.0"`) {
			return p
		}
		pause(100 * time.Millisecond)
	}
	s.t.Fatal("Prometheus has seen nothing of the fleet in half a minute")
	return nil
}

// TestAccServedPrometheus judges by a real Prometheus, which scrapes the fleet.
func TestAccServedPrometheus(t *testing.T) {
	for name, settings := range map[string]string{
		"Canary":  "strategy = \"Canary\"\n canary = { stages = [10, 100], evaluation_period = \"6s\" }",
		"Rolling": "strategy = \"Rolling\"\n rolling = { batch_size = \"50%\", wait_between_batches = \"6s\" }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf, s := newTerraform(t), serveFleet(t, uncounted)
			tf.write("main.tf", s.block("")+resourceBlock("1.6.0", settings))
			tf.bad(tf.run("plan", "-no-color"), "does not count requests and errors by version")
			goodThenBad(tf, s.block(fmt.Sprintf("prometheus = { address = %q }", s.scraped().Address)), settings, false)
		})
	}
}

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
