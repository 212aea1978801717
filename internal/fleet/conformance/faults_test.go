package conformance_test

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/conformance"
)

func faults() []fault {
	return slices.Concat(requestFaults, journalFaults, orderFaults, slotFaults, trafficFaults)
}

// TestEveryClauseHasAFault has a wrong server for each clause, which it is about.
func TestEveryClauseHasAFault(t *testing.T) {
	caught := map[string]bool{}
	for _, f := range faults() {
		caught[strings.Fields(f.clauses)[0]] = true
	}
	for _, c := range conformance.Clauses() {
		if !caught[c.ID] {
			t.Errorf("%s catches no wrong server", c.ID)
		}
		delete(caught, c.ID)
	}
	for id := range caught {
		t.Errorf("there is a wrong server for %s, which is no clause", id)
	}
}

var everywhere = flag.Bool("everywhere", false, "try all clauses on each wrong server, and not only those of its groups")

// near says whether a clause is tried on a wrong server: it is of the group of one that
// does not hold there, or of the group whose requests answers are looked at in.
func (f fault) near(id string) bool {
	if *everywhere {
		return id != "leases.passed" || strings.HasPrefix(f.clauses, "leases.")
	}
	group := func(id string) string { group, _, _ := strings.Cut(id, "."); return group }
	return slices.ContainsFunc(strings.Fields(f.clauses), func(one string) bool {
		return group(one) == group(id) || group(one) == "answers" && group(id) == "requests"
	})
}

// TestWrongServers has each wrong server caught by the clause that it is about, with what
// shows it, and by no other one, and the sandbox left as it was found.
func TestWrongServers(t *testing.T) {
	for _, f := range faults() {
		t.Run(strings.Fields(f.clauses)[0], func(t *testing.T) {
			t.Parallel()
			r := f.on.run(t, f.wrong, f.near)
			var fail []string
			for _, x := range r.Results {
				if x.Verdict != conformance.Fails {
					continue
				}
				fail = append(fail, x.Clause.ID)
				if x.Why == "" || len(x.Exchanges) == 0 {
					t.Errorf("%s does not hold, and nothing shows it: %q, %+v", x.Clause.ID, x.Why, x.Exchanges)
				}
				for _, shown := range x.Exchanges {
					if strings.Contains(shown.Answer+shown.Body+strings.Join(shown.Header, ""), token) {
						t.Errorf("%s: the token is shown", x.Clause.ID)
					}
				}
			}
			want := strings.Fields(f.clauses)
			slices.Sort(want)
			slices.Sort(fail)
			if !slices.Equal(fail, want) {
				t.Errorf("%s: %q fail, and %q are wanted", f.what, fail, want)
				for _, x := range r.Results {
					if x.Verdict == conformance.Fails && x.Clause.ID != want[0] {
						t.Logf("%s: %s", x.Clause.ID, x.Why)
					}
				}
			}
			if r.Left != "" {
				t.Errorf("the sandbox is not as it was found: %s", r.Left)
			}
		})
	}
}
