package engine

import "time"

// Phase is where a rollout is in the machine.
type Phase string

// The phases. The last four are ends and equal the outcomes.
const (
	PhaseProgressing Phase = "progressing"
	PhaseHeld        Phase = "held"   // the plan or the judge waits for a person
	PhasePaused      Phase = "paused" // an operator stopped the clock
	PhaseRollingBack Phase = "rolling_back"
	PhaseSucceeded   Phase = Phase(Succeeded)
	PhaseRolledBack  Phase = Phase(RolledBack)
	PhaseRetained    Phase = Phase(Retained)
	PhaseStuck       Phase = Phase(Stuck)
)

// Step is where a rollout is in its stage.
type Step string

// The steps, in order. On the way back there are only make and settle.
const (
	StepBegin  Step = "begin"
	StepMake   Step = "make"
	StepSettle Step = "settle"
	StepBake   Step = "bake"
)

// State is the fold of a journal. It is a value: Apply returns a new one.
type State struct {
	Seq     int64   `json:"seq"` // of the next event
	Phase   Phase   `json:"phase"`
	Outcome Outcome `json:"outcome,omitempty"`
	Stage   int     `json:"stage"` // position in Plan.Stages; their number: all are done
	Step    Step    `json:"step"`
	Begun   int     `json:"begun"` // stages that began and are not undone
	Made    int     `json:"made"`  // changes of the stage that the fleet took
	Tries   int     `json:"tries"` // failed tries of the stage's changes
	// Broke is how many of them the fleet took and could not carry out, and FailedSince
	// when the first of all was.
	Broke       int       `json:"broke,omitempty"`
	FailedSince time.Time `json:"failedSince,omitzero"`
	// Before is the fleet's traffic before the first stage.
	Before *Measurement `json:"before,omitempty"`
	// Behind are instances that the rollout goes on without: the fleet could not change them,
	// however often it tried, and they are few. Sorted by when they were left.
	Behind []string `json:"behind,omitempty"`
	// Joined are instances that joined while the rollout ran and were brought along.
	Joined   []string `json:"joined,omitempty"`
	Surveys  int      `json:"surveys,omitempty"`  // that found some
	Surveyed bool     `json:"surveyed,omitempty"` // the last survey found none

	Started    time.Time `json:"started"`
	NotBefore  time.Time `json:"notBefore,omitzero"`  // of the next try
	StageBegan time.Time `json:"stageBegan,omitzero"` // settle's clock runs from here
	BakeBegan  time.Time `json:"bakeBegan,omitzero"`
	BakeEnds   time.Time `json:"bakeEnds,omitzero"`   // with the time without samples, up to BlindSince
	Overruled  bool      `json:"overruled,omitempty"` // a guard was, by a person: it is silent until the stage has settled
	BlindSince time.Time `json:"blindSince,omitzero"` // newest sample when samples stopped; zero: they come
	Extended   bool      `json:"extended,omitempty"`  // the bake was inconclusive when it ended
	Bakes      int       `json:"bakes,omitempty"`     // that a sequential gate judged or judges, those that were resumed counted anew
	Answers    int       `json:"answers,omitempty"`   // signals that the guards began anew with

	Touched      time.Time `json:"touched,omitzero"`    // the fleet took the first change
	GuardsFrom   time.Time `json:"guardsFrom,omitzero"` // the guards on traffic look no further back: the first exposure, or the last signal
	WayBackBegan time.Time `json:"wayBackBegan,omitzero"`
	HeldSince    time.Time `json:"heldSince,omitzero"` // while it is held
	Ended        time.Time `json:"ended,omitzero"`

	Turned  string   `json:"turned,omitempty"`  // why it was rolled back
	Toward  Outcome  `json:"toward,omitempty"`  // of the way back: rolled_back or retained
	Verdict *Verdict `json:"verdict,omitempty"` // the last one
	Reason  string   `json:"reason,omitempty"`  // why the phase is what it is
	By      string   `json:"by,omitempty"`      // who asked, where a person did
	Cause   Cause    `json:"cause,omitempty"`   // what led to it, where it was asked for
	Undone  []string `json:"undone,omitempty"`  // stuck: targets that could not be brought to where they belong
}

// InFlight says whether the rollout has not ended.
func (s State) InFlight() bool { return s.Outcome == "" }
