package server

import (
	"net/http"
	"regexp"
	"strconv"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// listEvents lists a page of events.
func (w *world) listEvents(x *call) error {
	id, err := w.find(x)
	if err != nil {
		return err
	}
	limit, err := x.limit()
	if err != nil {
		return err
	}
	after, err := x.Number("after", -1, -1)
	if err != nil {
		return err
	}
	events, more, next, err := w.store.events(x.Context(), id, after, limit)
	if err != nil {
		return err
	}
	if events == nil {
		events = []contract.Event{}
	}
	x.To.Header().Set("ETag", strconv.Quote(strconv.FormatInt(next, 10)))
	return x.Answer(http.StatusOK, contract.EventPage{At: x.At(), Items: events, More: more})
}

var matchPattern = regexp.MustCompile(`^"[0-9]{1,18}"$`)

// appendEvent writes an event.
func (w *world) appendEvent(x *call) error {
	id, err := w.find(x)
	if err != nil {
		return err
	}
	match := x.Asked("If-Match")
	if !matchPattern.MatchString(match) {
		return exchange.Refuse(contract.InvalidRequest, `If-Match is %q, and has to be the number of the event in quotes, as in "12"`, match)
	}
	seq, err := strconv.ParseInt(match[1:len(match)-1], 10, 64)
	if err != nil {
		return err
	}
	var body contract.Append
	if err := x.body(&body); err != nil {
		return err
	}
	if err := w.checkHead(id, &body.Head); err != nil {
		return err
	}
	if err := w.store.append(x.Context(), id, seq, &body); err != nil {
		return err
	}
	return x.Taken(http.StatusCreated)
}
