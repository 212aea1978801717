package contract

import (
	"encoding/json"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// RolloutHead is what a fleet may know of a rollout: enough to list it, and to hold the
// rule that one ends before the next one begins.
type RolloutHead = engine.RolloutHead

// Start begins a rollout. Plan is the client's, and kept as the text that it is; digest is
// over it and the list of targets.
type Start struct {
	Plan    string      `json:"plan"`
	Digest  string      `json:"digest"`
	Targets string      `json:"targets"` // digest of the list, which is there already
	Head    RolloutHead `json:"head"`
	// Deployment is what was asked for, for people and programs that read rollouts.
	Deployment json.RawMessage `json:"deployment,omitempty"`
}

// Started is the answer to Start.
type Started struct {
	At      time.Time `json:"at"`
	Ordinal int64     `json:"ordinal"` // above 0, and above that of every earlier rollout of the plugin
}

// Rollout is a rollout as the fleet keeps it.
type Rollout struct {
	At         time.Time       `json:"at"`
	Ordinal    int64           `json:"ordinal"`
	Plan       string          `json:"plan"`
	Digest     string          `json:"digest"`
	Targets    string          `json:"targets"`
	Head       RolloutHead     `json:"head"`
	Deployment json.RawMessage `json:"deployment,omitempty"`
	Owner      string          `json:"owner,omitempty"`
	Lease      *Lease          `json:"lease,omitempty"`
}

// RolloutPage lists rollouts, the newest first.
type RolloutPage struct {
	At    time.Time     `json:"at"`
	Items []RolloutHead `json:"items"`
	More  bool          `json:"more"` // there are older ones: ask for those below the last one's ordinal
}

// Event is one of a rollout's events: its number, and the text of the client that wrote it.
type Event struct {
	Seq   int64  `json:"seq"`
	Event string `json:"event"`
}

// EventPage lists events, in order.
type EventPage struct {
	At    time.Time `json:"at"`
	Items []Event   `json:"items"`
	More  bool      `json:"more"` // there are later ones: ask for those after the last one
}

// Append writes an event. Its number stands in If-Match. Head is what the rollout is with it.
type Append struct {
	Writer string      `json:"writer,omitempty"`
	Event  string      `json:"event"`
	Head   RolloutHead `json:"head"`
}

// Owner says whose a rollout is. Previous is who it was: "" for nobody.
type Owner struct {
	Owner    string `json:"owner"`
	Previous string `json:"previous,omitempty"`
}

// Lease is who walks a rollout, for others to wait: no right to write comes from it.
type Lease struct {
	At      time.Time `json:"at,omitzero"` // of the answer
	Holder  string    `json:"holder"`
	Seconds int       `json:"seconds,omitempty"` // asked for
	Until   time.Time `json:"until,omitzero"`    // told
}

// Taken is the answer where there is nothing else to say.
type Taken struct {
	At time.Time `json:"at"`
}
