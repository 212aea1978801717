package simulator

import (
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// epoch is when every world's clock starts.
var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

var epochSeconds = epoch.Unix()

// World is the fleet of one plugin in one environment, and its clock. It is an
// [engine.Fleet]. It is not safe for concurrent use.
type World struct {
	cfg    Config
	env    engine.Environment
	plugin string

	fleet
	queue kernel.Queue
	hook  func() // called after every change of the world, see Watchable

	seed     uint64 // of everything that is drawn
	traffic  *traffic.Flow
	trace    uint64 // of all events, see Trace
	able     abilities
	dirty    bool  // the routing may have changed
	news     bool  // something happened that whoever watches does not know of
	edition  int64 // how many times something has changed
	report   report
	reach    *reach // of the version last asked about, while the routing stays
	census   census
	serving  serving        // of the version last asked about
	views    views          // of the instances last watched
	said     []*instance    // room for watched
	room     []*instance    // room for amended
	routed   traffic.Packed // room for reroute
	named    uint16         // what nameOf said last
	noted    notes          // what took effect, see Fired
	attended bool           // see Attend
}

// fleet is what a world remembers: all that is saved beside its configuration and
// its queue. Times are ns since the clock's start.
type fleet struct {
	Time    int64       `json:"time"`
	Members []*instance `json:"instances"` // sorted by id
	Hired   int32       `json:"hired"`     // instances there ever were
	Epochs  int32       `json:"epochs"`    // works ever begun, see instance.Epoch

	// Names are the versions and slots that were ever heard of; others say them
	// by position. The first is "".
	Names  []string       `json:"names"`
	Pins   traffic.Packed `json:"pins"`  // per tenant: version
	Seats  traffic.Packed `json:"seats"` // per tenant: slot
	Routes []engine.Route `json:"routes"`
	Switch shift          `json:"switch"`
	Slots  []slotTrouble  `json:"slots,omitempty"` // sorted by slot
	Smoke  smokeRun       `json:"smoke"`

	Rollouts []rollout `json:"rollouts,omitempty"` // in the order in which they began
	Forgot   int       `json:"forgot,omitempty"`   // how many began before those
	Seq      int64     `json:"seq"`                // newest order of the last rollout
	Ordinal  int64     `json:"ordinal,omitempty"`  // of the rollout of the newest order; 0: it had none

	Faults          []faultState  `json:"faults,omitempty"` // as in Config.Faults
	Gaps            []traffic.Gap `json:"gaps,omitempty"`
	Calls           uint64        `json:"calls,omitempty"` // changes ever asked for
	Classes         []class       `json:"classes"`
	traffic.Routing               // of tenants to Classes
}

// rollout is one that the world has heard of.
type rollout struct {
	ID    string `json:"id"`
	Began int64  `json:"began"`
}

// slotTrouble is what could not be done to a slot.
type slotTrouble struct {
	Slot    string `json:"slot"`
	Rollout string `json:"rollout"`
	Reason  string `json:"reason"`
}

// NewWorld makes the fleet of a plugin in an environment, at the start of its
// clock: every instance in slot blue, which has all the traffic, on the version
// that cfg.Installed names. The error is [engine.Problems].
func NewWorld(cfg Config, env engine.Environment, plugin string) (*World, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	w := &World{cfg: cfg.copied(), env: env, plugin: plugin, seed: seedOf(&cfg, env, plugin), queue: kernel.Usual(0)}
	w.recount()
	w.Names = []string{""}
	w.Routes = []engine.Route{{Slot: "blue", Percent: 100}}
	w.Pins = make(traffic.Packed, cfg.everybody())
	w.Seats = make(traffic.Packed, cfg.everybody())
	blue := w.nameOf("blue")
	for t := range w.Seats {
		w.Seats[t] = blue
	}
	version := cfg.Installed[plugin]
	for range cfg.Instances {
		in := w.hire("blue")
		in.Phase, in.Default = ready, version
		if version != "" {
			w.started(in, version)
			in.holds(version).Since = -traffic.History // it is warm
		}
	}
	w.Faults = make([]faultState, len(cfg.Faults))
	w.equip()
	w.serve()
	w.reroute()
	w.scheduleChurn()
	w.scheduleFaults(0, true)
	w.settle()
	return w, nil
}

// Environment is where the world's plugin runs.
func (w *World) Environment() engine.Environment { return w.env }

// Plugin is the plugin whose fleet w is.
func (w *World) Plugin() string { return w.plugin }

// Config is what w was made with, and what was changed since.
func (w *World) Config() Config { return w.cfg.copied() }

// Now is the time on the world's clock.
func (w *World) Now() time.Time { return clock(w.Time) }

// clock turns a time of a world into one of the calendar.
func clock(at int64) time.Time { return epoch.Add(time.Duration(at)) }

// instant is the reverse of clock.
func instant(t time.Time) int64 {
	if s := t.Unix() - epochSeconds; -1<<32 < s && s < 1<<32 { // the same, and quicker
		return s*1e9 + int64(t.Nanosecond())
	}
	return int64(t.Sub(epoch))
}

// UseQueue gives w a queue of another kind. Whatever happens later, happens as it
// would have: the two are there to check each other. It is not saved.
func (w *World) UseQueue(kind kernel.Kind) error {
	q, err := kernel.New(kind, w.Time)
	if err != nil {
		return err
	}
	for _, e := range w.queue.All() {
		q.Push(e)
	}
	w.queue = q
	return nil
}

// RunUntil lets the world happen up to and including t. A time in the past does
// nothing.
func (w *World) RunUntil(t time.Time) {
	until := instant(t)
	for {
		at, ok := w.queue.Peek()
		if !ok || at > until {
			break
		}
		w.moment()
	}
	w.Time = max(w.Time, until)
}

// moment takes the next event and all others of the same time: what happens at once
// changes the routing once.
func (w *World) moment() {
	for {
		e := w.queue.Pop()
		w.Time = max(w.Time, e.At) // a clock that jumped ahead finds events that are late
		w.trace = chance.Mix(w.trace^uint64(e.At)) ^ uint64(e.Handler)<<56 ^ uint64(uint32(e.A))<<24 ^ uint64(uint32(e.B))
		handlers[e.Handler](w, e)
		if at, ok := w.queue.Peek(); !ok || at > w.Time {
			break
		}
	}
	w.changed()
}

// Trace identifies all events that happened to w, in order.
func (w *World) Trace() uint64 { return w.trace }

// settle takes the events that are due, so that what takes no time has happened
// when a call returns.
func (w *World) settle() {
	if w.dirty || w.news {
		w.changed()
	}
	for {
		at, ok := w.queue.Peek()
		if !ok || at > w.Time {
			return
		}
		w.moment()
	}
}

// changed brings the routing up to date and tells whoever watches.
func (w *World) changed() {
	if w.dirty {
		w.reroute()
	}
	w.news = false
	w.edition++
	if w.hook != nil {
		w.hook()
	}
}

// What an event does. The numbers are in saved worlds and never change.
const (
	workDone     kernel.Handler = 0 // A: instance, B: epoch of its work
	besideDone   kernel.Handler = 1 // A: instance, B: epoch of a held version
	switchDone   kernel.Handler = 2 // B: epoch of the switch
	smokeDone    kernel.Handler = 3 // B: epoch of the run
	faultBegins  kernel.Handler = 4 // A: fault
	faultEnds    kernel.Handler = 5 // A: fault
	ageTurns     kernel.Handler = 6 // A: instance
	loopTurns    kernel.Handler = 7 // A: fault, B: turn of it
	tenantsTurn  kernel.Handler = 8
	handlerCount                = 9
)

var handlers = [handlerCount]func(*World, kernel.Event){
	workDone:    (*World).workDone,
	besideDone:  (*World).besideDone,
	switchDone:  (*World).switchDone,
	smokeDone:   (*World).smokeDone,
	faultBegins: (*World).faultBegins,
	faultEnds:   (*World).faultEnds,
	ageTurns:    (*World).ageTurns,
	loopTurns:   (*World).loopTurns,
	tenantsTurn: (*World).tenantsTurn,
}

// after schedules an event in so many seconds.
func (w *World) after(seconds float64, h kernel.Handler, a, b int32) {
	w.queue.Push(kernel.Event{At: w.Time + nanoseconds(seconds), Handler: h, A: a, B: b})
}

func nanoseconds(seconds float64) int64 { return int64(seconds * 1e9) }

// begun is a new epoch: it tells one piece of work from those before it.
func (w *World) begun() int32 {
	w.Epochs++
	return w.Epochs
}

// nameOf is the position of a version or slot in Names.
func (w *World) nameOf(s string) uint16 {
	if int(w.named) < len(w.Names) && w.Names[w.named] == s { // as last time
		return w.named
	}
	if i := slices.Index(w.Names, s); i >= 0 {
		w.named = uint16(i)
		return w.named
	}
	w.Names = append(w.Names, s)
	w.named = uint16(len(w.Names) - 1)
	return w.named
}

// mostHeard is how many rollouts a world knows by name.
const mostHeard = 100

// heard notes that a rollout is there; it began when the world first heard of it.
func (w *World) heard(id string) {
	if slices.ContainsFunc(w.Rollouts, func(r rollout) bool { return r.ID == id }) {
		return
	}
	w.Rollouts = append(w.Rollouts, rollout{id, w.Time})
	if old := len(w.Rollouts) - mostHeard; old > 0 {
		w.Rollouts = slices.Delete(w.Rollouts, 0, old)
		w.Forgot += old
	}
	w.Seq = 0
	w.traffic.Age()
	w.scheduleFaults(w.Time, false)
	w.settle()
}

// NextRollout is the id of the rollout that would begin now, see [engine.RolloutID].
func (w *World) NextRollout() string {
	return engine.RolloutID(w.env, w.plugin, int64(w.Forgot+len(w.Rollouts)+1))
}
