package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// rollout is the memory of one. What clients wrote is kept as the text that it is. On a
// disk, an event and its head are written in one step, and before the answer.
type rollout struct {
	id, plan, digest, targets, owner, holder string
	ordinal                                  int64
	head                                     object
	deployment                               json.RawMessage
	events                                   []string
	until                                    time.Time // of the lease of holder
}

// known is the rollout of an id; nil: there is none.
func (w *world) known(id string) *rollout {
	if at := slices.IndexFunc(w.rollouts, func(x *rollout) bool { return x.id == id }); at >= 0 {
		return w.rollouts[at]
	}
	return nil
}

func (w *world) find(r *http.Request) *rollout {
	x := w.known(r.PathValue("rollout"))
	must(x != nil, "unknown-rollout", "there is no rollout "+r.PathValue("rollout"))
	return x
}

func (w *world) begin(_ http.ResponseWriter, r *http.Request) (int, object) {
	s := read[struct {
		Plan, Digest, Targets string
		Head                  object
		Deployment            json.RawMessage
	}](r)
	must(r.Header.Get("If-None-Match") == "*" && s.Plan != "" && s.Head != nil, "invalid-request", "If-None-Match: *, a plan and a head are wanted here")
	if x := w.known(r.PathValue("rollout")); x != nil {
		must(x.digest == s.Digest, "rollout-taken", "there is another rollout "+x.id)
		return 200, object{"ordinal": x.ordinal}
	}
	if n := len(w.rollouts); n > 0 { // one that got stuck is not over either
		last := w.rollouts[n-1]
		if outcome := last.head["outcome"]; outcome == nil || outcome == "stuck" {
			panic(&problem{"unfinished-rollout", last.id + " has not ended", object{"unfinished": object{
				"rollout": last.id, "candidate": last.head["candidate"], "phase": last.head["phase"], "stage": last.head["stage"],
			}}})
		}
	}
	must(w.lists[s.Targets] != nil, "targets-missing", "there is no list "+s.Targets)
	// Rollouts are never forgotten here; a fleet that does forget keeps a counter of its own.
	x := &rollout{id: r.PathValue("rollout"), plan: s.Plan, digest: s.Digest, targets: s.Targets, ordinal: int64(len(w.rollouts)) + 1, head: s.Head, deployment: s.Deployment}
	x.head["ordinal"] = x.ordinal
	w.rollouts = append(w.rollouts, x)
	return 201, object{"ordinal": x.ordinal}
}

func (w *world) getRollout(_ http.ResponseWriter, r *http.Request) (int, object) {
	x := w.find(r)
	o := object{"ordinal": x.ordinal, "plan": x.plan, "digest": x.digest, "targets": x.targets, "head": x.head}
	if x.deployment != nil {
		o["deployment"] = x.deployment
	}
	if x.owner != "" {
		o["owner"] = x.owner
	}
	if x.until.After(time.Now()) {
		o["lease"] = x.lease()
	}
	return 200, o
}

func (w *world) listRollouts(_ http.ResponseWriter, r *http.Request) (int, object) {
	limit, below, outcome := number(r, "limit", 1, 1000), number(r, "below", 1, 1<<62), r.URL.Query().Get("outcome")
	items := []object{}
	for _, x := range slices.Backward(w.rollouts) {
		if x.ordinal < below && (outcome == "" || x.head["outcome"] == outcome) {
			items = append(items, x.head)
		}
	}
	n := min(limit, int64(len(items)), 1000)
	return 200, object{"items": items[:n], "more": n < int64(len(items))}
}

func (w *world) listEvents(rw http.ResponseWriter, r *http.Request) (int, object) {
	x, items, n := w.find(r), []object{}, int64(0)
	limit, after := number(r, "limit", 1, 1000), number(r, "after", -1, -1)
	for n = after + 1; n < int64(len(x.events)) && int64(len(items)) < min(limit, 1000); n++ {
		items = append(items, object{"seq": n, "event": x.events[n]})
	}
	rw.Header().Set("ETag", x.next())
	return 200, object{"items": items, "more": n < int64(len(x.events))}
}

// next is the number of the next event, as headers have it.
func (x *rollout) next() string { return strconv.Quote(strconv.Itoa(len(x.events))) }

func (w *world) appendEvent(_ http.ResponseWriter, r *http.Request) (int, object) {
	x, match := w.find(r), r.Header.Get("If-Match")
	e := read[struct {
		Event *string
		Head  object
	}](r)
	must(match != "" && e.Event != nil && e.Head != nil, "invalid-request", "If-Match, an event and a head are wanted here")
	must(match == x.next(), "sequence-conflict", "the next event is "+x.next())
	x.events, x.head = append(x.events, *e.Event), e.Head
	return 201, object{}
}

func (w *world) putOwner(_ http.ResponseWriter, r *http.Request) (int, object) {
	x, o := w.find(r), read[struct{ Owner, Previous string }](r)
	must(x.owner == o.Previous, "owner-differs", "the owner is another one")
	x.owner = o.Owner
	return 200, object{}
}

func (x *rollout) lease() object { return object{"holder": x.holder, "until": x.until.UTC()} }

func (w *world) putLease(_ http.ResponseWriter, r *http.Request) (int, object) {
	x, now := w.find(r), time.Now()
	l := read[struct {
		Holder  string
		Seconds int
	}](r)
	must(l.Holder != "" && l.Seconds >= 1 && l.Seconds <= 3600, "invalid-request", "a holder and 1 to 3600 seconds are wanted here")
	if x.until.After(now) && x.holder != l.Holder {
		panic(&problem{"leased", x.holder + " has it", object{"lease": x.lease()}})
	}
	x.holder, x.until = l.Holder, now.Add(time.Duration(l.Seconds)*time.Second)
	return 200, x.lease()
}

func (w *world) deleteLease(_ http.ResponseWriter, r *http.Request) (int, object) {
	if x := w.find(r); x.holder == r.URL.Query().Get("holder") {
		x.until = time.Time{}
	}
	return 200, object{}
}
