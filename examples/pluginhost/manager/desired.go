package manager

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// desired is what a world is to be: what the orders so far add up to. It is written down
// before an order is answered.
type desired struct {
	Format int `json:"format"`
	// Ordinal and Seq are those of the newest order.
	Ordinal int64 `json:"ordinal"`
	Seq     int64 `json:"seq"`
	// Capacity is how many instances there is room for, and Serial the number of the last one
	// that was made.
	Capacity  int       `json:"capacity"`
	Spare     *int      `json:"spare,omitempty"` // how many of them it has beside those that it began with
	Serial    int       `json:"serial"`
	Instances []*wanted `json:"instances"` // by id
	Tenants   []string  `json:"tenants"`   // sorted

	Routes   []wire.Route      `json:"routes"` // by slot
	RoutesBy string            `json:"routesBy,omitempty"`
	Pins     map[string]string `json:"pins,omitempty"`     // version by tenant
	PinsBy   map[string]string `json:"pinsBy,omitempty"`   // rollout that changed the pin last, by tenant
	Troubles []trouble         `json:"troubles,omitempty"` // of slots
	Smoke    *smokeRun         `json:"smoke,omitempty"`
	Faults   wire.Faults       `json:"faults"`
}

// wanted is what an instance is to be.
type wanted struct {
	ID      string   `json:"id"`
	Slot    string   `json:"slot"`
	Hold    []string `json:"hold"` // versions, sorted
	Default string   `json:"default"`
	// Generation grows with each replacement: a process of an earlier one that serves another
	// version than Default ends, and another one is started.
	Generation int64 `json:"generation"`
	// Attempt grows with each order about it: what went wrong before is tried again.
	Attempt int64  `json:"attempt"`
	By      string `json:"by,omitempty"` // rollout of the last order
	Leaves  bool   `json:"leaves,omitempty"`
}

// trouble is a slot that could not be given its instances.
type trouble struct {
	Slot    string `json:"slot"`
	Rollout string `json:"rollout"`
	Reason  string `json:"reason"`
}

// format is the version of the form of desired. A newer one is refused.
const format = 1

// newDesired is a fleet of so many instances of a version in slot blue.
func newDesired(version string, instances, tenants, spare int) *desired {
	d := &desired{Format: format, Capacity: instances + spare, Spare: &spare, Routes: []wire.Route{{Slot: "blue", Percent: 100}}}
	for range instances {
		d.hire("blue", version)
	}
	for n := range tenants {
		d.Tenants = append(d.Tenants, fmt.Sprintf("tenant-%03d", n+1))
	}
	return d
}

// spares has room for so many instances beside those that it began with, and says whether that is news.
func (d *desired) spares(n int) bool {
	if d.Spare != nil && *d.Spare == n {
		return false
	}
	if d.Spare != nil {
		d.Capacity += n - *d.Spare
	}
	d.Spare = &n
	return true
}

// hire makes another instance.
func (d *desired) hire(slot, version string) *wanted {
	d.Serial++
	in := &wanted{ID: fmt.Sprintf("instance-%02d", d.Serial), Slot: slot, Hold: held(version), Default: version, Generation: 1}
	d.Instances = append(d.Instances, in)
	slices.SortFunc(d.Instances, func(a, b *wanted) int { return strings.Compare(a.ID, b.ID) })
	return in
}

// held are the versions that an instance of one version holds.
func held(version string) []string {
	if version == "" {
		return []string{}
	}
	return []string{version}
}

// find is an instance that stays; nil: there is none.
func (d *desired) find(id string) *wanted {
	for _, in := range d.Instances {
		if in.ID == id && !in.Leaves {
			return in
		}
	}
	return nil
}

// staying are the instances of a slot that stay; "": of all.
func (d *desired) staying(slot string) (in []*wanted) {
	for _, i := range d.Instances {
		if !i.Leaves && (slot == "" || i.Slot == slot) {
			in = append(in, i)
		}
	}
	return in
}

// percent is the share of a slot.
func (d *desired) percent(slot string) float64 {
	for _, r := range d.Routes {
		if r.Slot == slot {
			return r.Percent
		}
	}
	return 0
}

// clone is a copy that shares nothing.
func (d *desired) clone() *desired {
	c := *d
	c.Instances = make([]*wanted, len(d.Instances))
	for i, in := range d.Instances {
		one := *in
		one.Hold = slices.Clone(in.Hold)
		c.Instances[i] = &one
	}
	c.Routes, c.Troubles = slices.Clone(d.Routes), slices.Clone(d.Troubles)
	c.Pins, c.PinsBy = maps.Clone(d.Pins), maps.Clone(d.PinsBy)
	if d.Smoke != nil {
		run := *d.Smoke
		c.Smoke = &run
	}
	return &c
}

// save writes it down.
func (d *desired) save(path string) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return durable.Write(path, text, 0o600)
}

// loadDesired reads what was written down; nil: nothing was.
func loadDesired(path string) (*desired, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // nothing is there, and nothing is wrong
	}
	d := &desired{}
	if err == nil {
		err = json.Unmarshal(text, d)
	}
	if err == nil {
		err = engine.RefuseNewer(path, d.Format, format)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}
