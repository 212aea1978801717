package contract

import (
	"encoding/json"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleet "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// Version is that of the API.
const Version = "1.0"

// Ask asks for a rollout, or what one would be. Exactly one of Deployment and Restores is given.
type Ask struct {
	// Deployment is what to roll out, in the words of the strategies guide.
	Deployment json.RawMessage `json:"deployment,omitempty"`
	// Restores is the rollout whose effect is taken back.
	Restores string `json:"restores,omitempty"`
	// Expect is the outline of the plan that was approved; "": whatever it is by now.
	Expect string `json:"expect,omitempty"`
}

// Plan is what a rollout would be that began now.
type Plan struct {
	At time.Time `json:"at"`
	// Rollout is the id that it would have.
	Rollout     string    `json:"rollout"`
	Environment string    `json:"environment"`
	Plugin      string    `json:"plugin"`
	Strategy    string    `json:"strategy"`
	Baseline    string    `json:"baseline,omitempty"`
	Candidate   string    `json:"candidate,omitempty"`
	Restores    string    `json:"restores,omitempty"`
	Outline     string    `json:"outline"` // to expect when it is started
	Headline    string    `json:"headline"`
	Summary     []string  `json:"summary"`
	Warnings    []Warning `json:"warnings"`
	// Longest is how long it takes at most, with every extension and the way back.
	Longest engine.Duration `json:"longest"`
	// Stages are none where every instance runs the candidate already.
	Stages []Stage `json:"stages"`
}

// Warning is what somebody should know before it begins.
type Warning struct {
	Problem string `json:"problem"`
	Detail  string `json:"detail"`
}

// Stage is a stage of a plan. Times are from the start of the rollout.
type Stage struct {
	Name           string          `json:"name"`
	Tenants        int             `json:"tenants"`
	Instances      int             `json:"instances"`
	Share          float64         `json:"share"` // percent of the traffic
	Settle         engine.Duration `json:"settle"`
	Bake           engine.Duration `json:"bake"`
	Gate           string          `json:"gate"`
	Checks         []Check         `json:"checks,omitempty"`
	MinRequests    int64           `json:"minRequests,omitempty"`
	MinTenants     int             `json:"minTenants,omitempty"`
	OnFail         string          `json:"onFail,omitempty"`         // rollback, hold, or retain: A stays; "": there is no gate
	OnInconclusive string          `json:"onInconclusive,omitempty"` // "": there is no gate
	Hold           bool            `json:"hold,omitempty"`
	Final          bool            `json:"final,omitempty"`
	EarliestEnd    engine.Duration `json:"earliestEnd"`
	LatestEnd      engine.Duration `json:"latestEnd"`
}

// Check is one of a gate.
type Check struct {
	Metric string  `json:"metric"`
	Bound  float64 `json:"bound"`
}

// Rollout is a rollout as a list has it.
type Rollout struct {
	ID          string `json:"id"`
	Environment string `json:"environment"`
	Plugin      string `json:"plugin"`
	Strategy    string `json:"strategy"`
	Baseline    string `json:"baseline,omitempty"`
	Candidate   string `json:"candidate,omitempty"`
	Restores    string `json:"restores,omitempty"`
	Phase       string `json:"phase"`
	Outcome     string `json:"outcome,omitempty"`
	Stage       Place  `json:"stage"`
	Ordinal     int64  `json:"ordinal"`
	// Generation is how many events its journal has. ObservedGeneration is how many of them the
	// server that walks it has acted on: where it is less, something was said that has not had
	// its effect yet.
	Generation         int64       `json:"generation"`
	ObservedGeneration int64       `json:"observedGeneration"`
	Conditions         []Condition `json:"conditions"`
	StartedAt          time.Time   `json:"startedAt"`
	StartedBy          string      `json:"startedBy,omitempty"`
	ChangedAt          time.Time   `json:"changedAt"`
	// Wake is when it goes on by itself; zero: it ended or waits for a person.
	Wake  time.Time `json:"wake,omitzero"`
	Owner string    `json:"owner,omitempty"`
}

// Started is a rollout as an answer of its own.
type Started struct {
	At time.Time `json:"at"`
	Rollout
}

// Place is where among its stages a rollout is.
type Place struct {
	Number int    `json:"number"` // from 1; 0 in lists: it went back, and its details say from where
	Of     int    `json:"of"`
	Name   string `json:"name"`
}

// Condition is one thing that holds of a rollout or does not, in the form that generic waiters
// know.
type Condition struct {
	Type    string    `json:"type"`
	Status  string    `json:"status"` // True, False or Unknown
	Reason  string    `json:"reason"`
	Message string    `json:"message,omitempty"`
	Since   time.Time `json:"lastTransitionTime,omitzero"`
}

// The types of conditions.
const (
	Complete  = "Complete"  // it has ended: the reason is the outcome
	Succeeded = "Succeeded" // it has ended, and the candidate serves
	Waiting   = "Waiting"   // a person has to decide
	Walked    = "Walked"    // somebody walks it
)

// RolloutPage lists rollouts, those that were started last first.
type RolloutPage struct {
	At    time.Time `json:"at"`
	Items []Rollout `json:"items"`
	Next  string    `json:"next,omitempty"` // cursor; "": there are no more
	// Change is for waiting until something changes.
	Change int64 `json:"change"`
}

// Detail is all there is to see of a rollout.
type Detail struct {
	At time.Time `json:"at"`
	Rollout
	Headline string   `json:"headline"`
	Summary  []string `json:"summary"`
	Stages   []Stage  `json:"stages"`
	Step     Step     `json:"step"`
	// Story says why it was rolled back, is held or is stuck, in words; "": it is not.
	Story   string           `json:"story,omitempty"`
	Verdict *engine.Verdict  `json:"verdict,omitempty"` // the last one
	Exposed *engine.Exposure `json:"exposed,omitempty"` // whom the candidate reached at the last look
	Most    *engine.Exposure `json:"mostExposed,omitempty"`
	// Progress is how much of the way forward is done, in percent.
	Progress   int             `json:"progress"`
	Tenants    int             `json:"tenants"`   // of the fleet
	Targets    int             `json:"instances"` // that it changes
	Timeline   []Line          `json:"timeline"`
	Now        *Glimpse        `json:"now,omitempty"` // how it is at this moment; nil: it is over, or was not asked for
	Deployment json.RawMessage `json:"deployment,omitempty"`
}

// Step is what a stage waits for.
type Step struct {
	Kind string `json:"kind"` // change, settle, bake, hold, pause, undo or none
	Text string `json:"text"`
	// Began and Ends are when; zero: it does not end by itself, or that is not known.
	Began time.Time `json:"began,omitzero"`
	Ends  time.Time `json:"ends,omitzero"`
	// Blind is since when there have been no samples; zero: there are.
	Blind time.Time `json:"blindSince,omitzero"`
}

// Line is a line of what happened.
type Line struct {
	Seq   int64     `json:"seq"`
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`
	Stage int       `json:"stage"` // from 0
	Text  string    `json:"text"`
	By    string    `json:"by,omitempty"`
}

// Glimpse is how fleet and traffic are at this moment.
type Glimpse struct {
	Condition *engine.Condition `json:"condition,omitempty"`
	Unseen    string            `json:"unseen,omitempty"` // why the fleet cannot be seen
	// Verdict is what the gate would say if the bake ended now.
	Verdict *engine.Verdict `json:"verdict,omitempty"`
}

// Signal is what a person says to a rollout.
type Signal struct {
	Signal string `json:"signal"` // pause, resume, promote or rollback
	Reason string `json:"reason,omitempty"`
	// Stage is the name of the stage that it is meant for; "": whichever it is at.
	Stage string `json:"stage,omitempty"`
	// By is who decided, where that is somebody else than who tells it; "": it is not.
	By string `json:"by,omitempty"`
	// Cause is for programs, such as Terraform: decision, version, timeout, interrupt, destroy,
	// retry; "": it is somebody's own.
	Cause string `json:"cause,omitempty"`
}

// The signals.
const (
	Pause    = "pause"
	Resume   = "resume"
	Promote  = "promote"
	Rollback = "rollback"
)

// Targets are who is on which version.
type Targets struct {
	At        time.Time `json:"at"`
	Tenants   []Target  `json:"tenants"`
	Instances []Target  `json:"instances"`
	More      bool      `json:"more,omitempty"` // there are more than are listed
}

// Target is one of them. A tenant without a version follows its instance.
type Target struct {
	ID      string `json:"id"`
	Version string `json:"version,omitempty"`
	Ready   *bool  `json:"ready,omitempty"` // of an instance
	Slot    string `json:"slot,omitempty"`
}

// EventPage are a rollout's events, each as the journal has it.
type EventPage struct {
	At    time.Time      `json:"at"`
	Items []engine.Event `json:"items"`
}

// Problem is what every answer that is no success has.
type Problem struct {
	fleet.Problem
	Problems []FieldProblem `json:"problems,omitempty"` // invalid-deployment: each of them
	Rollout  string         `json:"rollout,omitempty"`  // key-used: the one that was started with it
	Outline  string         `json:"outline,omitempty"`  // fleet-changed: what it would be now
	Is       string         `json:"is,omitempty"`       // stage-differs: the stage it is at
}

// FieldProblem is something that is wrong with a deployment.
type FieldProblem struct {
	Path  string `json:"path"`
	Value string `json:"value,omitempty"`
	Rule  string `json:"rule"`
}
