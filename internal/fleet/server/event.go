package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// journals are those of a world that were opened: each remembers how far it has read.
type journals struct {
	mu     sync.Mutex
	opened map[string]*opened
}

// opened is a journal, and what the rollout has come to.
type opened struct {
	engine.Journal
	plan  *engine.Plan
	mu    sync.Mutex
	state engine.State
}

// mostOpen is how many are remembered: those who are asked about come again.
const mostOpen = 16

// open is the journal of a rollout.
func (js *journals) open(ctx context.Context, w *world, id string) (*opened, error) {
	js.mu.Lock()
	known := js.opened[id]
	js.mu.Unlock()
	if known != nil {
		return known, nil
	}
	j, err := w.Journals.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, err := j.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if !w.is(plan) {
		return nil, fmt.Errorf("%s: %w", id, engine.ErrNoJournal)
	}
	known = &opened{Journal: j, plan: plan, state: engine.NewState()}
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.opened == nil || len(js.opened) >= mostOpen {
		js.opened = map[string]*opened{}
	}
	js.opened[id] = known
	return known, nil
}

// write writes an event, where it is one that can follow: another one would leave a
// journal that nobody can read.
func (o *opened) write(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	events, err := o.Events(ctx, o.state.Seq-1)
	if err != nil {
		return err
	}
	for i := range events {
		if o.state, err = o.state.Apply(o.plan, events[i]); err != nil {
			return err
		}
	}
	if e.Seq == o.state.Seq { // else the journal refuses it
		if _, err := o.state.Apply(o.plan, e); err != nil {
			return wrong("event", "%v", err)
		}
	}
	return o.Append(ctx, e, h)
}

// listEvents lists a page of events.
func (w *world) listEvents(x *exchange) error {
	_, j, err := w.find(x)
	if err != nil {
		return err
	}
	limit, err := x.limit()
	if err != nil {
		return err
	}
	after, err := x.number("after", -1, -1)
	if err != nil {
		return err
	}
	events, err := j.Events(x.Context(), after)
	if err != nil {
		return err
	}
	next := after + 1 + int64(len(events))
	if len(events) == 0 && after >= 0 { // then after may be any number
		all, err := j.Events(x.Context(), -1)
		if err != nil {
			return err
		}
		next = int64(len(all))
	}
	answer := contract.EventPage{At: x.at(), Items: make([]contract.Event, min(limit, len(events))), More: len(events) > limit}
	for i := range answer.Items {
		text, err := json.Marshal(events[i])
		if err != nil {
			return err
		}
		answer.Items[i] = contract.Event{Seq: events[i].Seq, Event: string(text)}
	}
	x.to.Header().Set("ETag", strconv.Quote(strconv.FormatInt(next, 10)))
	return x.answer(http.StatusOK, answer)
}

var matchPattern = regexp.MustCompile(`^"[0-9]{1,18}"$`)

// appendEvent writes an event.
func (w *world) appendEvent(x *exchange) error {
	id, j, err := w.find(x)
	if err != nil {
		return err
	}
	match := x.asked("If-Match")
	if !matchPattern.MatchString(match) {
		return refuse(contract.InvalidRequest, `If-Match is %q, and has to be the number of the event in quotes, as in "12"`, match)
	}
	seq, err := strconv.ParseInt(match[1:len(match)-1], 10, 64)
	if err != nil {
		return err
	}
	var body contract.Append
	if err := x.body(&body); err != nil {
		return err
	}
	event, err := decodeEvent(body.Event, seq)
	if err != nil {
		return err
	}
	if err := w.checkHead(id, &body.Head); err != nil {
		return err
	}
	body.Head.Ordinal, body.Head.Events = j.Ordinal(), seq+1 // which are the fleet's to say
	if err := j.write(x.Context(), event, body.Head); err != nil {
		return err
	}
	return x.taken(http.StatusCreated)
}

// decodeEvent is the event that a text is. It has to be written down as the journal would
// do it.
func decodeEvent(text string, seq int64) (engine.Event, error) {
	e, err := engine.DecodeEvent([]byte(text))
	if err != nil {
		return e, wrong("event", "%v", err)
	}
	if e.Seq != seq {
		return e, wrong("event", "is number %d, and If-Match says %d", e.Seq, seq)
	}
	if again, err := json.Marshal(e); err != nil || string(again) != text {
		return e, wrong("event", "is not written as this fleet writes events down, and so could not be given back byte for byte")
	}
	return e, nil
}
