package conformance

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// going is the rollout that orders are sent for, and how many rollouts there were.
type going struct {
	id      string // that the ids of this run's rollouts begin with
	n       int
	rollout string // that orders are sent for; "": none yet
	open    bool   // it has not ended
	ordinal int64
	seq     int64 // of the last order
}

// prefix is how the ids of the suite's rollouts begin.
const prefix = "conformance-"

// newID is the id of another rollout.
func (t *trial) newID() string {
	t.going.n++
	return fmt.Sprintf("%s-%d", t.going.id, t.going.n)
}

// start is what begins a rollout of an id.
func (t *trial) start(id string) contract.Start {
	plan := "the plan of " + id
	return contract.Start{
		Plan: plan, Digest: contract.DigestOf([]byte(plan)), Targets: t.listed(), Head: t.headOf(id, 0),
		Deployment: []byte(fmt.Sprintf(`{"pluginId":%q,"environment":%q,"version":%q}`, t.Plugin, t.Environment, t.box.new)),
	}
}

// headOf is the head of a rollout that has begun, and has so many events.
func (t *trial) headOf(id string, events int64) contract.RolloutHead {
	ordinal := int64(0)
	if events > 0 && id == t.going.rollout {
		ordinal = t.going.ordinal
	}
	return contract.RolloutHead{
		Ordinal: ordinal, Rollout: id, Environment: engine.Environment(t.Environment), Plugin: t.Plugin, Baseline: t.box.old, Candidate: t.box.new,
		Phase: engine.PhaseProgressing, Stage: "conformance", Events: events,
	}
}

func beginOf(id string, s contract.Start) ask {
	return put(s, "rollouts", id).head("If-None-Match", "*")
}

// listed is the digest of the list of all, which it uploads first.
func (t *trial) listed() string {
	if t.box.digest == "" {
		t.box.digest = t.upload(t.box.list)
	}
	return t.box.digest
}

// begin begins a rollout, which is then the open one.
func (t *trial) begin() (id string) {
	t.idle()
	id = t.newID()
	var s contract.Started
	got := t.send(beginOf(id, t.start(id)))
	t.must(got.status == http.StatusCreated, "%s came to the beginning of a rollout, and 201 is wanted", got.told())
	if err := got.in(&s); err != nil {
		t.fail("%v", err)
	}
	t.going.rollout, t.going.open, t.going.ordinal = id, true, s.Ordinal
	return id
}

// idle ends the rollout that is open.
func (t *trial) idle() {
	if t.going.open {
		t.finish(t.going.rollout, t.going.ordinal)
		t.going.open = false
	}
}

// endRollouts ends those of the suite that have not ended, whatever became of a clause, or
// of a run before.
func (t *trial) endRollouts() {
	if !t.can(engine.CanJournal) {
		return
	}
	t.going.open = false
	var page contract.RolloutPage
	t.read(get("rollouts").with("limit", 2*racers), http.StatusOK, &page)
	for i := range page.Items {
		h := &page.Items[i]
		switch {
		case !h.Unfinished():
		case strings.HasPrefix(h.Rollout, prefix):
			t.finish(h.Rollout, h.Ordinal)
		case i == 0:
			t.fail("rollout %s is unfinished, and not of this suite: it has to end first", h.Rollout)
		}
	}
}

// finish writes an event that ends a rollout.
func (t *trial) finish(id string, ordinal int64) {
	next := t.nextEvent(id)
	h := t.headOf(id, next+1)
	h.Ordinal, h.Phase, h.Outcome = ordinal, engine.PhaseRolledBack, engine.RolledBack
	got := t.send(appendOf(id, next, contract.Append{Writer: "conformance", Event: "it ended", Head: h}))
	t.must(got.status/100 == 2, "%s came to the event that ends rollout %s", got.told(), id)
}

// nextEvent is the number of the next event of a rollout.
func (t *trial) nextEvent(id string) int64 {
	n := int64(0)
	for after := int64(-1); ; {
		var page contract.EventPage
		t.read(get("rollouts", id, "events").with("after", after), http.StatusOK, &page)
		for _, e := range page.Items {
			after, n = e.Seq, e.Seq+1
		}
		if !page.More || len(page.Items) == 0 {
			return n
		}
	}
}

func appendOf(id string, seq int64, a contract.Append) ask {
	return post(a, "rollouts", id, "events").head("If-Match", quoted(seq))
}

// walk sees to it that there is a rollout to send orders for.
func (t *trial) walk() {
	if t.box.lost != "" {
		panic(found{NotRun, t.box.lost, nil})
	}
	switch {
	case t.going.rollout != "":
	case t.can(engine.CanJournal) && !t.failed["rollouts.begin"]:
		t.begin()
	default:
		t.seek()
	}
}

// mostDoublings bounds the search for an ordinal.
const mostDoublings = 50

// seek finds an ordinal that is not too old, where no journal gives one: it sends an order
// of what is in effect already.
func (t *trial) seek() {
	t.going.rollout = t.newID()
	for t.going.ordinal = max(1, t.going.ordinal); ; t.going.ordinal *= 2 {
		got := t.send(t.next(contract.Order{Change: engine.Change{Kind: engine.Replace, Version: t.box.old, Named: t.box.instances[:1]}}))
		if got.status == http.StatusAccepted {
			return
		}
		t.must(got.reason == contract.Superseded && t.going.ordinal < 1<<mostDoublings, "%s came to an order, and 202 is wanted", got.told())
	}
}

// next is the request for an order with the next number.
func (t *trial) next(o contract.Order) ask {
	t.going.seq++
	return t.orderAt(t.going.rollout, t.going.ordinal, t.going.seq, o)
}

func (t *trial) orderAt(rollout string, ordinal, seq int64, o contract.Order) ask {
	t.box.touched = true
	o.Ordinal, o.Candidate = ordinal, t.box.new
	if o.Targets == "" && o.Change.Instances.Len()+o.Change.Tenants.Len() > 0 {
		o.Targets = t.listed()
	}
	return put(o, "rollouts", rollout, "orders", strconv.FormatInt(seq, 10))
}

// ordered sends an order, which has to be taken.
func (t *trial) ordered(o contract.Order) ask {
	t.walk()
	a := t.next(o)
	t.read(a, http.StatusAccepted, nil)
	return a
}

// done sends a change and waits until it is in effect. seen looks at every condition
// meanwhile; nil: nobody does.
func (t *trial) done(c engine.Change, seen func(*contract.Condition)) contract.Condition {
	t.ordered(contract.Order{Change: c})
	w := contract.Watch{Candidate: t.box.new, Slot: c.Slot, Named: c.Named, Instances: c.Instances}
	return t.settled(w, seen)
}

// condition looks at a rollout.
func (t *trial) conditionOf(rollout string, w contract.Watch) (c contract.Condition) {
	if w.Instances.Len() > 0 && w.Targets == "" {
		w.Targets = t.listed()
	}
	t.read(post(w, "rollouts", rollout, "condition"), http.StatusOK, &c)
	return c
}

// Waits between two looks, and how much longer than a change may take by the fleet's clock
// is waited by that of this machine.
const (
	firstLook   = 2 * time.Millisecond
	longestLook = 500 * time.Millisecond
	spareTime   = 10 * time.Second
)

// settled waits until nothing is pending and all that is watched is ready.
func (t *trial) settled(w contract.Watch, seen func(*contract.Condition)) contract.Condition {
	var start time.Time
	waited, wait := time.Duration(0), firstLook
	for {
		c := t.conditionOf(t.going.rollout, w)
		if seen != nil {
			seen(&c)
		}
		if start.IsZero() {
			start = c.At
		}
		switch {
		case c.BrokenCount > 0:
			t.fail("%d changes broke: %v", c.BrokenCount, c.Broken)
		case c.Pending == 0 && c.Ready >= c.Watched:
			return c
		case c.At.Sub(start) > t.Settle || waited > t.Settle+spareTime:
			t.fail("after %s %d changes are pending, and %d of %d watched instances are ready; a change takes %s at most here", engine.Spoken(max(waited, c.At.Sub(start))), c.Pending, c.Ready, c.Watched, engine.Spoken(t.Settle))
		}
		t.rest(wait)
		waited += wait
		wait = min(2*wait, longestLook)
	}
}

// rest waits.
func (t *trial) rest(d time.Duration) {
	if err := t.pause(t.ctx, d); err != nil {
		panic(found{NotRun, "the run was interrupted", nil})
	}
}
