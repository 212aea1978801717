package contract

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Order is a change on its way. Its ranges are places in the list of targets.
type Order struct {
	Ordinal   int64         `json:"ordinal"`
	Candidate string        `json:"candidate"`
	Targets   string        `json:"targets,omitempty"` // digest of the list; "": the change names no place in it
	Change    engine.Change `json:"change"`
	// Except are instances of the range that are left out.
	Except []string `json:"except,omitempty"`
}

// Watch says what to look at.
type Watch struct {
	Candidate  string       `json:"candidate"`
	Targets    string       `json:"targets,omitempty"`
	Instances  engine.Range `json:"instances,omitzero"`
	Named      []string     `json:"named,omitempty"`
	Slot       string       `json:"slot,omitempty"`
	Except     []string     `json:"except,omitempty"`
	Failures   int          `json:"failures,omitempty"`
	Since      time.Time    `json:"since,omitzero"`
	AnyVersion bool         `json:"anyVersion,omitempty"`
}

// Condition is the answer to Watch.
type Condition = engine.Condition

// Question says what to measure.
type Question struct {
	Rollout     string       `json:"rollout,omitempty"`
	Version     string       `json:"version"`
	From        time.Time    `json:"from"`
	To          time.Time    `json:"to"`
	Candidate   []string     `json:"candidate,omitempty"` // what is wanted of the candidate's arm
	Baseline    []string     `json:"baseline,omitempty"`  // and of all that serves something else
	Bounds      []float64    `json:"bounds,omitempty"`    // ms
	TenantBound float64      `json:"tenantBound,omitempty"`
	Targets     string       `json:"targets,omitempty"`
	Instances   engine.Range `json:"instances,omitzero"`
	Slot        string       `json:"slot,omitempty"`
	Cursor      string       `json:"cursor,omitempty"` // of an answer by tenant that has a next page
}

// Measurement is what was counted of an arm. It is the engine's, read leniently: what a
// newer fleet says more is nothing to an older client.
type Measurement engine.Measurement

// Answer is what was counted. The pages that follow a first one have by tenant only.
type Answer struct {
	At        time.Time   `json:"at"`
	Candidate Measurement `json:"candidate"`
	Baseline  Measurement `json:"baseline"`
	Coverage  float64     `json:"coverage,omitempty"`
	Next      string      `json:"next,omitempty"`
}

// wants are the words of engine.Want, lowest bit first.
var wants = []string{"counts", "slower", "minutes", "histogram", "means", "tenants", "by_tenant"}

// WantsOf is w in words.
func WantsOf(w engine.Want) (words []string) {
	for i, word := range wants {
		if w&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	return words
}

// Want is words as the engine says it. Words that are not known are left out: nobody has
// to count them.
func Want(words []string) (w engine.Want) {
	for _, said := range words {
		for i, word := range wants {
			if said == word {
				w |= 1 << i
			}
		}
	}
	return w
}
