package conformance

import (
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Clause is a sentence of the contract, and how to see whether it holds.
type Clause struct {
	// ID stays the same from one version to the next: a group, a dot and a word.
	ID string
	// Says is what the contract says.
	Says string
	// Needs are the capabilities without which there is nothing to see.
	Needs []engine.Capability
	// Lacks is the capability whose absence the clause is about; "": it is about none.
	Lacks engine.Capability
	// After are clauses without which this one cannot be tried.
	After []string

	try func(*trial)
}

// Verdict is what came of a clause.
type Verdict string

// The verdicts.
const (
	Holds   Verdict = "holds"
	Fails   Verdict = "fails"
	LeftOut Verdict = "left_out" // the fleet has not what it needs
	NotRun  Verdict = "not_run"  // one that it rests on does not hold, or the run was over
)

// Result is a clause and what came of it.
type Result struct {
	Clause  Clause
	Verdict Verdict
	// Why says why it is not Holds.
	Why string
	// Exchanges show it: requests and their answers, without credentials.
	Exchanges []Exchange
	Took      time.Duration
}

// Clauses lists all, in the order in which they are tried. What is said of every answer
// comes last: it is seen in those of all the others.
func Clauses() []Clause {
	return slices.Concat(
		serviceClauses(), authClauses(), requestClauses(), fleetClauses(), listClauses(), targetClauses(),
		journalClauses(), beginClauses(), eventClauses(), rolloutClauses(), leaseClauses(),
		orderClauses(), refusalClauses(), instanceClauses(), tenantClauses(), slotClauses(), conditionClauses(),
		trafficClauses(), latencyClauses(), byTenantClauses(), answerClauses(),
	)
}

// closure is which of the clauses are tried where some are chosen: those, and what they
// rest on.
func closure(all []Clause, chosen func(*Clause) bool) map[string]bool {
	wanted := map[string]bool{}
	for i := len(all) - 1; i >= 0; i-- { // what a clause rests on stands before it
		if c := &all[i]; wanted[c.ID] || chosen(c) {
			wanted[c.ID] = true
			for _, id := range c.After {
				wanted[id] = true
			}
		}
	}
	return wanted
}

// missing is the capability that a fleet would need for c; "": none.
func (c *Clause) missing(can []engine.Capability) engine.Capability {
	for _, need := range c.Needs {
		if !slices.Contains(can, need) {
			return need
		}
	}
	return ""
}
