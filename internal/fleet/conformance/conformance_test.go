package conformance_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/conformance"
)

// exampleFolder is where the example is built.
var exampleFolder string

func TestMain(m *testing.M) {
	var err error
	if exampleFolder, err = os.MkdirTemp("", "fleet-http-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(exampleFolder) // of the system's own for such things
	os.Exit(code)
}

// The fleets that conform.
var (
	rich = simulated("rich")
	bare = simulated("bare", engine.CanJournal)
	poor = simulated("poor", slices.DeleteFunc(engine.AllCapabilities(), func(c engine.Capability) bool { return c == engine.CanJournal })...)
	lean = simulated("lean", engine.CanRoutes, engine.CanConversions, engine.CanTimeouts)
)

// TestConforms has every clause hold on one of the fleets at least, and fail on none.
func TestConforms(t *testing.T) {
	held := map[string]bool{}
	for _, b := range []base{rich, bare, poor, lean, example} {
		r := b.run(t, nil, nil)
		for _, x := range r.Results {
			held[x.Clause.ID] = held[x.Clause.ID] || x.Verdict == conformance.Holds
			if x.Verdict != conformance.Holds && x.Verdict != conformance.LeftOut {
				t.Errorf("%s: %s %s: %s\n%+v", b.name, x.Clause.ID, x.Verdict, x.Why, x.Exchanges)
			}
		}
		if r.Left != "" {
			t.Errorf("%s: the sandbox is not as it was found: %s", b.name, r.Left)
		}
	}
	for _, c := range conformance.Clauses() {
		if !held[c.ID] {
			t.Errorf("%s was seen to hold nowhere", c.ID)
		}
	}
}

// TestClauses has ids that are unlike, and clauses that rest on earlier ones.
func TestClauses(t *testing.T) {
	before := map[string]bool{}
	for _, c := range conformance.Clauses() {
		group, word, ok := strings.Cut(c.ID, ".")
		if before[c.ID] || !ok || group == "" || word == "" || !strings.HasSuffix(c.Says, ".") {
			t.Errorf("%s: %s", c.ID, c.Says)
		}
		for _, id := range c.After {
			if !before[id] {
				t.Errorf("%s rests on %s, which does not stand before it", c.ID, id)
			}
		}
		before[c.ID] = true
	}
}
