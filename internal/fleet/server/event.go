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
	opened map[string]engine.Journal
}

// mostOpen is how many are remembered: those who are asked about come again.
const mostOpen = 16

// open is the journal of a rollout.
func (js *journals) open(ctx context.Context, w *world, id string) (engine.Journal, error) {
	js.mu.Lock()
	j := js.opened[id]
	js.mu.Unlock()
	if j != nil {
		return j, nil
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
	js.know(id, j)
	return j, nil
}

// know remembers a journal.
func (js *journals) know(id string, j engine.Journal) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.opened == nil || len(js.opened) >= mostOpen {
		js.opened = map[string]engine.Journal{}
	}
	js.opened[id] = j
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
	if err := j.Append(x.Context(), event, body.Head); err != nil {
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
