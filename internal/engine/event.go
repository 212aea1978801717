package engine

import "time"

// EventKind says what happened.
type EventKind string

// The events. Signals come from people, all others from the runner.
const (
	Measured  EventKind = "measured"  // the window before the first stage was measured: Event.Before
	Began     EventKind = "began"     // a stage began; from now on it is undone by a rollback
	Made      EventKind = "made"      // the fleet took a change of the stage
	Failed    EventKind = "failed"    // a change was refused or broke; it is tried again
	Settled   EventKind = "settled"   // every touched target is in effect and ready
	Blinded   EventKind = "blinded"   // samples stopped; the bake's clock stands
	Sighted   EventKind = "sighted"   // samples are back; the bake's clock runs
	Extended  EventKind = "extended"  // the bake was inconclusive and goes on
	Judged    EventKind = "judged"    // a gate or a guard spoke: Event.Verdict
	Reverting EventKind = "reverting" // the undo of a stage began
	Reverted  EventKind = "reverted"  // the undo of a stage is in effect
	Surveyed  EventKind = "surveyed"  // the fleet was searched for instances that joined: Event.Targets
	Finished  EventKind = "finished"  // the rollout ended: Event.Outcome
	Paused    EventKind = "paused"    // signal: an operator stops the clock
	Resumed   EventKind = "resumed"   // signal: go on; the step is judged anew
	Promoted  EventKind = "promoted"  // signal: leave the hold for the next stage
	Aborted   EventKind = "aborted"   // signal: roll back
	RanOut    EventKind = "ran_out"   // a deadline passed: Event.Error says which
	Left      EventKind = "left"      // whoever walked the rollout went away: nobody watches it until somebody goes on
)

// personal says whether k is a signal that a person gives.
func (k EventKind) personal() bool {
	switch k {
	case Paused, Resumed, Promoted, Aborted:
		return true
	default:
		return false
	}
}

// usualEvents is how many events most rollouts have, and a few more.
const usualEvents = 48

// Event is one line of a journal.
type Event struct {
	Seq     int64        `json:"seq"`
	At      time.Time    `json:"at"`
	Kind    EventKind    `json:"kind"`
	Stage   int          `json:"stage"`
	Change  int          `json:"change,omitempty"`  // position in Changes or Undo
	Did     string       `json:"did,omitempty"`     // made, failed: the change, in words
	Until   time.Time    `json:"until,omitzero"`    // blinded: newest sample; extended: new end of the bake; failed: when to come again
	Refused bool         `json:"refused,omitempty"` // failed: the fleet will never take it
	By      string       `json:"by,omitempty"`      // signals: who asked
	Cause   Cause        `json:"cause,omitempty"`   // signals: what led to it
	Error   string       `json:"error,omitempty"`
	Targets []string     `json:"targets,omitempty"`
	Behind  []string     `json:"behind,omitempty"` // settled: of Targets, those that cannot be changed; surveyed: all such
	Verdict *Verdict     `json:"verdict,omitempty"`
	Before  *Measurement `json:"before,omitempty"`
	Exposed *Exposure    `json:"exposed,omitempty"` // what the candidate reached at that time; nil: nobody could see
	Outcome Outcome      `json:"outcome,omitempty"`
	Writer  string       `json:"writer,omitempty"` // of the runner that wrote it, see NewRunner; "": it has none
}

// Outcome is how a rollout ended; "" while it has not.
type Outcome string

// The outcomes.
const (
	Succeeded  Outcome = "succeeded"   // the candidate serves everywhere
	RolledBack Outcome = "rolled_back" // everything is as the snapshot had it
	Retained   Outcome = "retained"    // an A/B test kept A; everything is as the snapshot had it
	Stuck      Outcome = "stuck"       // neither forward nor back: a person is needed
)

// Result is what a gate or a guard found.
type Result string

// The results.
const (
	Pass         Result = "pass"
	Fail         Result = "fail"
	Inconclusive Result = "inconclusive"
	// Uncompared is of a finding alone: there is too little of the baseline to compare with,
	// which speaks neither for a pass nor against it.
	Uncompared Result = "none"
)

// Verdict is the word of a gate or a guard, with the numbers it rests on.
type Verdict struct {
	Result   Result    `json:"result"`
	Guard    bool      `json:"guard,omitempty"` // a guard spoke, not the stage's gate
	Reason   string    `json:"reason"`          // one sentence with numbers
	Findings []Finding `json:"findings,omitempty"`
	Requests int64     `json:"requests"` // of the candidate, in the window judged
	Tenants  int       `json:"tenants"`
	// Window is how much time the verdict looks back on.
	Window time.Duration `json:"window"`
	Worst  *TenantCount  `json:"worst,omitempty"`
	// Winner and Comparison are those of an A/B test: "A" or "B".
	Winner     string       `json:"winner,omitempty"`
	Comparison []Comparison `json:"comparison,omitempty"`
	Harm       bool         `json:"harm,omitempty"` // B did harm: a retained rollout warns
	// Hold makes a failure hold, whatever the gate's policy: its evidence is not good
	// enough to roll back on.
	Hold bool `json:"hold,omitempty"`
}

// Finding is what became of one check.
type Finding struct {
	Metric   string  `json:"metric"`
	Observed float64 `json:"observed"`
	Allowed  float64 `json:"allowed"`
	Result   Result  `json:"result"`
	Detail   string  `json:"detail"` // observed against allowed, with units and sample size
	// Infinite says that Observed, a ratio to the baseline, has no value: the baseline did
	// not err at all.
	Infinite bool `json:"infinite,omitempty"`
	// Needs is about how many requests the check needs to pass at the rate that was
	// observed, where it was inconclusive for want of them; 0: it was not.
	Needs int64 `json:"needs,omitempty"`
	// Unadjusted evidence does not know how the candidate's tenants did before.
	Unadjusted bool `json:"unadjusted,omitempty"`
	// Evidence is how much speaks for a failure, and Boundary how much proves it: decimal
	// logarithms of odds, 3 is 1,000 to 1, to two decimals. Both are 0 where nothing speaks for
	// one, and where a check reckons with no chance.
	Evidence float64 `json:"evidence,omitempty"`
	Boundary float64 `json:"boundary,omitempty"`
}

// Comparison is one row of an A/B test's table.
type Comparison struct {
	Metric Metric  `json:"metric"`
	A      float64 `json:"a"`
	B      float64 `json:"b"`
	// Advantage is B's relative advantage: 0.05 is 5 % better, negative is worse.
	Advantage float64 `json:"advantage"`
	Decides   bool    `json:"decides"` // a decision metric, not only a guardrail
	Word      string  `json:"word"`    // better, worse, same, no data, or unknown: of A there was none to compare with
	// Least is the lower 95 % bound of the advantage, P the probability of an advantage
	// like this by chance, and Detectable the least advantage that the test had a
	// chance of 80 % to see. All are 0 in a test that does not reckon with chance, and
	// the last two for the 99th percentile, which has a bound only.
	Least      float64 `json:"least,omitempty"`
	P          float64 `json:"p,omitempty"`
	Detectable float64 `json:"detectable,omitempty"`
	// Significant says that B is better past chance, all decision metrics reckoned in.
	Significant bool `json:"significant,omitempty"`
}
