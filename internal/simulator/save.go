package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// saveFormat is the version of the written form of worlds: 1 had lists of tenants in one
// form only, see packed, and 2 nobody whom faults single out, nor tenants that come and go.
// A reader refuses a newer one.
const saveFormat = 3

// saved is the written form of a world.
type saved struct {
	Format      int                `json:"format"`
	Environment engine.Environment `json:"environment"`
	Plugin      string             `json:"plugin"`
	// Rollout and Events are the journal's position that belongs to the world, see Store.
	Rollout string         `json:"rollout,omitempty"`
	Events  int64          `json:"events,omitempty"`
	Config  Config         `json:"config"`
	Queue   []kernel.Event `json:"queue,omitempty"`
	Trace   uint64         `json:"trace,omitempty"` // see World.Trace
	Fleet   fleet          `json:"fleet"`
}

// Save writes a world down: the same world always as the same bytes.
func (w *World) Save() ([]byte, error) { return w.save("", 0) }

// save writes a world down as it is after so many events of a rollout's journal.
func (w *World) save(rollout string, events int64) ([]byte, error) {
	data, err := json.Marshal(saved{
		Format: saveFormat, Environment: w.env, Plugin: w.plugin, Rollout: rollout, Events: events,
		Config: w.cfg, Queue: w.queue.All(), Trace: w.trace, Fleet: w.fleet,
	})
	if err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	return append(data, '\n'), nil
}

// Load reads a world that Save wrote. It goes on exactly as the one that was saved
// would have.
func Load(data []byte) (*World, error) {
	w, _, err := load(data)
	return w, err
}

func load(data []byte) (*World, *saved, error) {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, nil, fmt.Errorf("it is broken: %w", err)
	}
	if head.Format > saveFormat {
		return nil, nil, fmt.Errorf("it has format %d, and this version reads up to %d: use a newer version of this program", head.Format, saveFormat)
	}
	if head.Format < 1 {
		return nil, nil, errors.New("it is broken: it has no format")
	}
	var s saved
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, nil, fmt.Errorf("it is broken: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("it is broken: there is text after its end")
	}
	if err := s.check(); err != nil {
		return nil, nil, fmt.Errorf("it is broken: %w", err)
	}
	w := &World{cfg: s.Config, env: s.Environment, plugin: s.Plugin, seed: seedOf(&s.Config, s.Environment, s.Plugin), fleet: s.Fleet, queue: kernel.Usual(s.Fleet.Time), trace: s.Trace}
	for _, e := range s.Queue {
		w.queue.Push(e)
	}
	w.recount()
	w.equip()
	w.serve()
	return w, &s, nil
}

// check refuses what a world can not be, so that a broken file is never more than
// an error.
func (s *saved) check() error {
	if err := s.Config.Validate(); err != nil {
		return err
	}
	if len(s.Environment.Check()) > 0 {
		return fmt.Errorf("%q is not an environment", s.Environment)
	}
	f := &s.Fleet
	if len(f.Faults) != len(s.Config.Faults) {
		return errors.New("its faults are not those of its configuration")
	}
	if err := f.checkNumbers(); err != nil {
		return err
	}
	for _, p := range []traffic.Packed{f.Pins, f.Seats} {
		if err := within(p, s.Config.everybody(), uint16(len(f.Names))); err != nil {
			return err
		}
	}
	for _, e := range s.Queue {
		if !f.awaits(e) {
			return fmt.Errorf("%+v is not an event of its future", e)
		}
	}
	if err := f.checkInstances(); err != nil {
		return err
	}
	return f.checkTraffic(s.Config.everybody())
}

// awaits says whether an event can be one of the fleet's future.
func (f *fleet) awaits(e kernel.Event) bool {
	about := e.Handler == faultBegins || e.Handler == faultEnds || e.Handler == loopTurns
	return e.Handler < handlerCount && e.At >= f.Time && (!about || e.A >= 0 && int(e.A) < len(f.Faults))
}

func (f *fleet) checkNumbers() error {
	switch {
	case f.Time < 0 || f.Time > nanoseconds(maxSeconds):
		return fmt.Errorf("%d is not a time", f.Time)
	case len(f.Names) == 0 || len(f.Names) >= traffic.Nobody || f.Names[0] != "":
		return errors.New("its names are not a list that starts with none")
	case f.Hired < 0 || f.Hired > 10_000_000:
		return fmt.Errorf("it cannot have had %d instances", f.Hired)
	case f.Forgot < 0:
		return fmt.Errorf("it cannot have forgotten %d rollouts", f.Forgot)
	case len(f.Routes) == 0:
		return errors.New("it has no routes")
	default:
		return nil
	}
}

func (f *fleet) checkInstances() error {
	phases := []phase{ready, provisioning, draining, installing, starting, broken, dead}
	for i, in := range f.Members {
		switch {
		case in == nil:
			return errors.New("an instance is missing")
		case i > 0 && in.ID <= f.Members[i-1].ID:
			return fmt.Errorf("instance %q is not in its place", in.ID)
		case in.Serial < 1 || in.Serial > f.Hired:
			return fmt.Errorf("%d is not the number of an instance", in.Serial)
		case !slices.Contains(phases, in.Phase):
			return fmt.Errorf("%q is not a phase of an instance", in.Phase)
		}
	}
	return nil
}

func (f *fleet) checkTraffic(tenants int) error {
	if err := f.checkClasses(); err != nil {
		return err
	}
	if f.Segments.Past() == len(f.Segments) || f.Segments[0].Start != -traffic.History {
		return errors.New("its traffic has no beginning")
	}
	checked := map[*uint16]bool{} // maps that segments share
	for i, seg := range f.Segments {
		if i > 0 && !f.isPast(seg.Start, f.Segments[i-1].Start) {
			return fmt.Errorf("its traffic changes at %d, which is not in its past", seg.Start)
		}
		if !(seg.Rate >= 0 && seg.Rate <= 1_000_000) {
			return fmt.Errorf("%v is not a rate of requests", seg.Rate)
		}
		if len(seg.Map) > 0 && checked[&seg.Map[0]] {
			continue
		}
		if err := within(seg.Map, tenants, uint16(len(f.Classes))); err != nil {
			return err
		}
		checked[&seg.Map[0]] = true
	}
	return nil
}

// isPast says whether something can have happened at a time, after something else.
func (f *fleet) isPast(at, after int64) bool { return at > after && at <= f.Time }

func (f *fleet) checkClasses() error {
	for i := range f.Classes {
		if err := f.checkClass(&f.Classes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *fleet) checkClass(c *class) error {
	var p problems
	if c.Does != (Behaviour{}) {
		c.Does.validate(&p, "")
	} else if !c.Lost && !c.Absent {
		return errors.New("a class of traffic does nothing")
	}
	p.within("least", c.Least, 0, 1)
	p.within("times", c.Times, 0, 1_000)
	p.within("above", c.Above, 0, 1_000_000)
	if int(c.Version) >= len(f.Names) || int(c.Over) >= len(f.Classes) || int(c.Of) >= len(f.Classes) || f.Classes[c.Of].Of != 0 || len(p) > 0 {
		return errors.New("a class of traffic is not one")
	}
	return nil
}

// within refuses a list that is not n numbers below limit.
func within(p traffic.Packed, n int, limit uint16) error {
	if len(p) != n {
		return fmt.Errorf("a list has %d numbers, not %d", len(p), n)
	}
	for _, v := range p {
		if v >= limit {
			return fmt.Errorf("a list has %d, which is not below %d", v, limit)
		}
	}
	return nil
}
