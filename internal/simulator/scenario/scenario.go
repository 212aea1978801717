package scenario

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// Scenario is what a file says. Start from [New]: a zero is a zero, not a default.
type Scenario struct {
	Name        string `json:"name"`        // shown above figures and pictures; default: the file's name
	Description string `json:"description"` // what it is about, for whoever reads it
	Seed        int64  `json:"seed"`        // of the one run, and of a campaign; default 1

	// World is the fleet, the tenants and the traffic, in sections of these names. Its
	// seed, versions and faults are those of the scenario.
	World simulator.Config `json:"-"`

	// Installed is the version that serves at the start; empty: the plugin is not installed.
	Installed string `json:"installed"`
	// Versions has how versions behave, by version; one that is not listed behaves well.
	Versions map[string]Version `json:"versions"`

	Deployment engine.Spec       `json:"deployment"` // what is rolled out and how, in the words of the resource
	Faults     []simulator.Fault `json:"faults"`     // what goes wrong
	Crashes    []Crash           `json:"crashes"`    // when the process that walks the rollout dies
	Signals    []Signal          `json:"signals"`    // who speaks when
	Expect     Expect            `json:"expect"`     // what is to come of it; a run that differs fails
	Tune       Tune              `json:"tune"`       // what a search for better settings tries, and its limits

	first string // the comment on the file's first line
	file  yamlfile.File
}

// Version is how a version behaves.
type Version struct {
	simulator.Behaviour
	// Bad says whether the version should be rolled back; by default it should when its
	// figures, or what the faults make of them, are beyond the gate's thresholds.
	Bad *bool `json:"bad"`
}

// Crash is a death of the process that walks the rollout. Another one takes over.
type Crash struct {
	// Call is at which of its calls to the fleet and writes to the journal, counted
	// from 1 on through all processes, it dies.
	Call int `json:"call"`
	// After lets the call take effect first; without it, it has none.
	After bool `json:"after"`
}

// Word is what a person can say to a rollout.
type Word string

// The words.
const (
	Pause    Word = "pause"    // stop the clock
	Resume   Word = "resume"   // go on, and judge again
	Promote  Word = "promote"  // go on to the next stage
	Rollback Word = "rollback" // roll everything back
	Leave    Word = "leave"    // whoever walks the rollout goes away, and somebody goes on at once
)

// Words lists every word.
func Words() []Word { return []Word{Pause, Resume, Promote, Rollback, Leave} }

// event is what the journal calls a word.
func (w Word) event() engine.EventKind {
	return map[Word]engine.EventKind{
		Pause: engine.Paused, Resume: engine.Resumed, Promote: engine.Promoted, Rollback: engine.Aborted, Leave: engine.Left,
	}[w]
}

// Signal is somebody's word, at a time or where the rollout waits.
type Signal struct {
	Do Word            `json:"do"` // pause, resume, promote, rollback or leave
	At engine.Duration `json:"at"` // since the rollout's start
	// When, instead of At, waits for the rollout to be held, paused or stuck.
	When  engine.Phase    `json:"when"`
	After engine.Duration `json:"after"` // with When: how long the person takes
	// Times is how often the person speaks, with When; default 1.
	Times  int    `json:"times"`
	Reason string `json:"reason"` // what the person gives as a reason
	// Elsewhere has the word spoken by another process, while the one that walks the
	// rollout goes on; by default that one makes way for it.
	Elsewhere bool `json:"elsewhere"`
}

// Ending is how a run ended: the engine's outcome, or what keeps it from one.
type Ending string

// The endings.
const (
	Succeeded  Ending = Ending(engine.Succeeded)   // the candidate serves everywhere
	RolledBack Ending = Ending(engine.RolledBack)  // everything is as it was
	Retained   Ending = Ending(engine.Retained)    // an A/B test kept A
	Stuck      Ending = Ending(engine.Stuck)       // neither forward nor back
	Held       Ending = Ending(engine.PhaseHeld)   // waits for a person, who does not come
	Paused     Ending = Ending(engine.PhasePaused) // was paused and never resumed
	Refused    Ending = "refused"                  // no plan could be made
)

// Endings lists every ending.
func Endings() []Ending {
	return []Ending{Succeeded, RolledBack, Retained, Held, Paused, Stuck, Refused}
}

// Expect is what has to come of a run. What is left out is not asked for.
type Expect struct {
	Outcome            Ending             `json:"outcome"`              // how it ends
	Ends               bool               `json:"ends"`                 // it ends in any way but stuck, and waits for nobody
	Longest            *engine.Duration   `json:"longest"`              // it takes at most this long
	MostTenants        *int               `json:"most_tenants"`         // at most so many tenants are exposed at once
	MostFailedRequests *int64             `json:"most_failed_requests"` // at most so many requests fail on the candidate
	DetectedWithin     *engine.Duration   `json:"detected_within"`      // a verdict fails within this, from when the candidate fails its users
	RollbackWithin     *engine.Duration   `json:"rollback_within"`      // the way back takes at most this long
	ReasonContains     string             `json:"reason_contains"`      // the reason for the end, or a problem that refuses it, says so
	WarningContains    string             `json:"warning_contains"`     // a warning of the plan says so
	Happened           []engine.EventKind `json:"happened"`             // events that have to be in the journal
	TookEffect         bool               `json:"took_effect"`          // every fault strikes, every signal is given, every crash comes, and what versions do only now and then shows
	// Share is the part of a campaign's runs that have to be as expected, 0..1; default 1.
	Share *float64 `json:"share"`
}

// Tune says what a search for better settings tries, and what it may not cost. What
// is left out is chosen.
type Tune struct {
	Runs              int               `json:"runs"`                // of each candidate setting with each version; default 200
	Stages            [][]int           `json:"stages"`              // canary: lists of stages to try
	EvaluationPeriods []engine.Duration `json:"evaluation_periods"`  // canary: evaluation periods to try
	MaxErrorRates     []float64         `json:"max_error_rates"`     // caps of the error rate to try
	Modes             []string          `json:"modes"`               // judges to try: threshold, sequential
	MostFalseRollback *float64          `json:"most_false_rollback"` // share of good versions that may be rolled back, above 0 and up to 1; default 0.05
	MostGoodStopped   *float64          `json:"most_good_stopped"`   // share of good versions that may not get through, above 0 and up to 1; default 0.05
	MostMissed        *float64          `json:"most_missed"`         // share of bad versions that may get through, above 0 and up to 1; default 0.05
}

// New is a scenario in which everything is left to its default.
func New() *Scenario { return &Scenario{Seed: 1, World: simulator.DefaultConfig()} }

// File is where the scenario was read from.
func (s *Scenario) File() string { return s.file.Name }

// About is what the scenario is about: its description, or else the comment on the
// first line of its file.
func (s *Scenario) About() string { return strings.TrimSpace(cmp.Or(s.Description, s.first)) }

// Hash identifies what a scenario says, whatever its comments and layout.
func (s *Scenario) Hash() string {
	sum := sha256.Sum256(s.Encode())
	return hex.EncodeToString(sum[:6])
}

// Config is the world of a run.
func (s *Scenario) Config(seed int64) simulator.Config {
	cfg := s.World
	cfg.Seed, cfg.Faults = seed, s.Faults
	cfg.Installed, cfg.Versions = nil, nil
	if s.Installed != "" {
		cfg.Installed = map[string]string{s.Deployment.PluginID: s.Installed}
	}
	if len(s.Versions) > 0 {
		cfg.Versions = make(map[string]simulator.Behaviour, len(s.Versions))
		for v, b := range s.Versions {
			cfg.Versions[v] = b.Behaviour
		}
	}
	return cfg
}

// Candidate is the version that is rolled out.
func (s *Scenario) Candidate() string { return s.Deployment.Resolve().Version }

// Said is what the scenario says of a version: of the plugin's own, as p@1.6.0, or
// else of any plugin's.
func (s *Scenario) Said(version string) (Version, bool) {
	if v, ok := s.Versions[s.Deployment.PluginID+"@"+version]; ok {
		return v, true
	}
	v, ok := s.Versions[version]
	return v, ok
}

// behaviour is how a version behaves, faults aside.
func (s *Scenario) behaviour(version string) simulator.Behaviour {
	if v, ok := s.Said(version); ok {
		return v.Behaviour
	}
	return simulator.DefaultBehaviour()
}
