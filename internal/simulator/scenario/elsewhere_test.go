package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestWordsFromElsewhere lets another process pause, resume, promote and roll back in the
// middle of a step of the one that walks the rollout: it takes the words over and goes on.
func TestWordsFromElsewhere(t *testing.T) {
	at := func(do Word, minutes int) Signal {
		return Signal{Do: do, At: engine.Duration(time.Duration(minutes) * time.Minute), Elsewhere: true}
	}
	for name, c := range map[string]struct {
		signals  []Signal
		ending   Ending
		happened []engine.EventKind
	}{
		"paused and resumed": {[]Signal{at(Pause, 5), at(Resume, 30)}, Succeeded, []engine.EventKind{engine.Paused, engine.Resumed}},
		"rolled back":        {[]Signal{at(Rollback, 15)}, RolledBack, []engine.EventKind{engine.Aborted}},
		"rolled back while paused": {
			[]Signal{at(Pause, 5), {Do: Rollback, When: engine.PhasePaused, After: engine.Duration(time.Hour), Elsewhere: true}},
			RolledBack,
			[]engine.EventKind{engine.Paused, engine.Aborted},
		},
	} {
		s := without(engine.Canary)
		s.Signals = c.signals
		var traces []uint64
		for _, reload := range []bool{false, true} {
			r, err := Run(t.Context(), s, 1, Options{Reload: reload})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if r.Ending != c.ending || len(r.Violations) > 0 || len(r.Refusals) > 0 || len(r.Idle()) > 0 {
				t.Errorf("%s: it is %s, %v, %v, %v", name, r.Ending, r.Violations, r.Refusals, r.Idle())
			}
			for _, kind := range c.happened {
				if !slices.ContainsFunc(r.Events, func(e engine.Event) bool { return e.Kind == kind }) {
					t.Errorf("%s: nobody %s", name, kind)
				}
			}
			traces = append(traces, r.Trace)
		}
		if traces[0] != traces[1] {
			t.Errorf("%s: saved and loaded, the trace is another", name)
		}
	}
}

// TestWhoLeavesIsHere refuses a word that only whoever walks the rollout can say.
func TestWhoLeavesIsHere(t *testing.T) {
	s := without(engine.Canary)
	s.Signals = []Signal{{Do: Leave, Elsewhere: true}}
	if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "signals[0].elsewhere: leave is the word of whoever walks") {
		t.Errorf("%v", err)
	}
}
