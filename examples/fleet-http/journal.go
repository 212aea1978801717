package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// rollout is the memory of one. What clients wrote is kept as the text that it is. In a
// database, an event and its head are written in one transaction, before the answer.
type rollout struct {
	Plan, Digest, Targets string
	Head                  object
	Deployment            json.RawMessage
	id, owner, holder     string
	ordinal               int
	events                []string
	until                 time.Time // of the lease of holder
}

func (x *rollout) lease() object { return object{"holder": x.holder, "until": x.until.UTC()} }

// next is the number of the next event, as headers have it.
func (x *rollout) next() string { return strconv.Quote(strconv.Itoa(len(x.events))) }

func (w *world) find(r *http.Request) *rollout {
	at := slices.IndexFunc(w.rollouts, func(x *rollout) bool { return x.id == r.PathValue("rollout") })
	must(at >= 0, "unknown-rollout", "there is no rollout "+r.PathValue("rollout"))
	return w.rollouts[at]
}

func (w *world) begin(_ http.ResponseWriter, r *http.Request) (int, object) {
	s := read[rollout](r)
	must(r.Header.Get("If-None-Match") == "*" && s.Plan != "" && s.Head != nil, "invalid-request", "If-None-Match: *, a plan and a head are wanted here")
	for _, x := range w.rollouts {
		if x.id == r.PathValue("rollout") {
			must(x.Digest == s.Digest, "rollout-taken", "there is another rollout "+x.id)
			return 200, object{"ordinal": x.ordinal}
		}
	}
	if n := len(w.rollouts); n > 0 && (w.rollouts[n-1].Head["outcome"] == nil || w.rollouts[n-1].Head["outcome"] == "stuck") {
		p := refusal("unfinished-rollout", "another rollout has not ended")
		p["unfinished"] = w.rollouts[n-1].Head // which has the rollout, its candidate, its phase and its stage
		panic(p)
	}
	must(w.lists[s.Targets] != nil, "targets-missing", "there is no list "+s.Targets)
	s.id, s.ordinal = r.PathValue("rollout"), len(w.rollouts)+1 // none is forgotten here; a fleet that forgets keeps a counter
	s.Head["ordinal"] = s.ordinal
	w.rollouts = append(w.rollouts, &s)
	return 201, object{"ordinal": s.ordinal}
}

func (w *world) getRollout(_ http.ResponseWriter, r *http.Request) (int, object) {
	x := w.find(r)
	o := object{"ordinal": x.ordinal, "plan": x.Plan, "digest": x.Digest, "targets": x.Targets, "head": x.Head, "owner": x.owner}
	if x.Deployment != nil {
		o["deployment"] = x.Deployment
	}
	if x.until.After(w.now) {
		o["lease"] = x.lease()
	}
	return 200, o
}

func (w *world) listRollouts(_ http.ResponseWriter, r *http.Request) (int, object) {
	limit, below, outcome, items := number(r, "limit", 1, 1000), number(r, "below", 1, 1<<62), r.URL.Query().Get("outcome"), []object{}
	for _, x := range slices.Backward(w.rollouts) {
		if x.ordinal < below && (outcome == "" || x.Head["outcome"] == outcome) {
			items = append(items, x.Head)
		}
	}
	n := min(limit, 1000, len(items))
	return 200, object{"items": items[:n], "more": n < len(items)}
}

func (w *world) listEvents(rw http.ResponseWriter, r *http.Request) (int, object) {
	x, limit, from, items := w.find(r), number(r, "limit", 1, 1000), number(r, "after", -1, -1)+1, []object{}
	to := min(from+min(limit, 1000), len(x.events))
	for n := from; n < to; n++ {
		items = append(items, object{"seq": n, "event": x.events[n]})
	}
	rw.Header().Set("ETag", x.next())
	return 200, object{"items": items, "more": to < len(x.events)}
}

func (w *world) appendEvent(_ http.ResponseWriter, r *http.Request) (int, object) {
	x, match := w.find(r), r.Header.Get("If-Match")
	e := read[struct {
		Event *string
		Head  object
	}](r)
	must(match != "" && e.Event != nil && e.Head != nil, "invalid-request", "If-Match, an event and a head are wanted here")
	must(match == x.next(), "sequence-conflict", "the next event is "+x.next())
	x.events, x.Head = append(x.events, *e.Event), e.Head
	return 201, object{}
}

func (w *world) putOwner(_ http.ResponseWriter, r *http.Request) (int, object) {
	x, o := w.find(r), read[struct{ Owner, Previous string }](r)
	must(x.owner == o.Previous, "owner-differs", "the owner is another one")
	x.owner = o.Owner
	return 200, object{}
}

func (w *world) putLease(_ http.ResponseWriter, r *http.Request) (int, object) {
	x := w.find(r)
	l := read[struct {
		Holder  string
		Seconds int
	}](r)
	must(l.Holder != "" && l.Seconds >= 1 && l.Seconds <= 3600, "invalid-request", "a holder and 1 to 3600 seconds are wanted here")
	if x.until.After(w.now) && x.holder != l.Holder {
		p := refusal("leased", x.holder+" walks it")
		p["lease"] = x.lease()
		panic(p)
	}
	x.holder, x.until = l.Holder, w.now.Add(time.Duration(l.Seconds)*time.Second)
	return 200, x.lease()
}

func (w *world) deleteLease(_ http.ResponseWriter, r *http.Request) (int, object) {
	if x := w.find(r); x.holder == r.URL.Query().Get("holder") {
		x.until = time.Time{}
	}
	return 200, object{}
}
