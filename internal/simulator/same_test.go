package simulator

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The same seed gives the same numbers on every machine, with and without fused
// multiply-add: this is what the first machine got. It changes only when the meaning
// of a seed does.
func TestSameNumbersEverywhere(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.Versions = map[string]Behaviour{"1.5.0": {
		ErrorRate: 0.0123, TimeoutRate: 0.004, LatencyP50Ms: 37.7, LatencyP99Ms: 411, ConversionRate: 0.031, Satisfaction: 4.1,
		SurveyRate: 0.07, ExecutionTimeMs: 12.9, CPU: 0.41, Memory: 0.62,
	}}
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(epoch.Add(2 * time.Hour))
	m := ask(t, w, oldArm, epoch.Add(-2*time.Hour), w.Now(), byTenant|engine.WantHistogram, 33.3, 432.1, 500)
	data, err := json.Marshal([]any{m, w.Snapshot()})
	if err != nil {
		t.Fatal(err)
	}
	const want = "1aa0c46b1b972f625c5ea83f9eb9bb52"
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got[:32] != want {
		t.Errorf("the numbers are %s, want %s", got[:32], want)
	}
}

// What is worked out beside what follows is the same, however many processors there are for it.
func TestSameOnAnyNumberOfProcessors(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.Tenants, cfg.TenantErrorSpread, cfg.TenantConversionSpread = 20_000, 0.8, 0.8
	cfg.RequestsPerSecond = 20
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first string
	for _, processors := range []int{1, 2, 8, 1} {
		runtime.GOMAXPROCS(processors)
		w, r := rollOut(t, cfg, to(engine.ABTesting))
		data, err := json.Marshal(r.State())
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%v %s", w.Trace(), data)
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("on %d processors it is %s, and not %s", processors, got, first)
		}
	}
}
