package conformance

import (
	"net/http"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func eventClauses() []Clause {
	return []Clause{
		{ID: "events.opaque", Says: "An event is given back byte for byte, whatever text it is, also one of 200,000 bytes.", Needs: journaled, After: afterwork, try: (*trial).opaque},
		{ID: "events.conflict", Says: "An event with another number than the next is answered with 412 `sequence-conflict`, and nothing is written.", Needs: journaled, After: afterwork, try: (*trial).conflict},
		{ID: "events.header", Says: "Without `If-Match` nothing is written: 400 `invalid-request`.", Needs: journaled, After: afterwork, try: (*trial).appendsWithoutHeader},
		{ID: "events.race", Says: "Of any number of events with the same number that come at once exactly one is written; the others are answered with 412 `sequence-conflict`.", Needs: journaled, After: afterwork, try: (*trial).appendRace},
		{ID: "events.order", Says: "Events are listed in order, from 0 without gaps, from the first one `after` on.", Needs: journaled, After: afterwork, try: (*trial).listed0},
		{ID: "events.pages", Says: "A page of events has at most `limit`, and `more` says whether there are later ones.", Needs: journaled, After: []string{"rollouts.begin", "events.append", "events.order"}, try: (*trial).eventPages},
		{ID: "events.etag", Says: "The `ETag` of a page of events is the number that the next event will have, in quotes.", Needs: journaled, After: afterwork, try: (*trial).etags},
		{ID: "events.head", Says: "The head of a rollout is that of its last event.", Needs: journaled, After: afterwork, try: (*trial).heads},
	}
}

// events reads all events of the open rollout.
func (t *trial) events(after int64, limit int) (events []contract.Event, more bool) {
	a := get("rollouts", t.going.rollout, "events").with("after", after)
	if limit > 0 {
		a = a.with("limit", limit)
	}
	var page contract.EventPage
	t.read(a, http.StatusOK, &page)
	return page.Items, page.More
}

// texts are those of events.
func texts(events []contract.Event) (of []string) {
	for _, e := range events {
		of = append(of, e.Event)
	}
	return of
}

// wrote writes some events of a rollout that it begins.
func (t *trial) wrote(events ...string) {
	t.begin()
	for seq, text := range events {
		t.written(t.write(int64(seq), text, nil))
	}
}

// largeEvent is how many bytes an event may well have.
const largeEvent = 200_000

func (t *trial) opaque() {
	size := min(largeEvent, int(t.service.Limits.Or().Body/2))
	all := []string{"", hardText, " ", "null", strings.Repeat("0123456789abcdé\"\n", size/17)}
	t.wrote(all...)
	got, _ := t.events(-1, 0)
	t.must(len(got) == len(all), "%d events came back, and %d were written", len(got), len(all))
	for seq, want := range all {
		t.must(got[seq].Event == want, "event %d came back as other text than the %d bytes that were written, which begin with %.60q", seq, len(want), want)
	}
}

func (t *trial) conflict() {
	t.wrote("first", "second")
	for _, seq := range []int64{0, 1, 3, 1 << 40} {
		got := t.write(seq, "out of turn", func(h *contract.RolloutHead) { h.Stage = "out of turn" })
		t.must(got.status == http.StatusPreconditionFailed && got.reason == contract.SequenceConflict, "%s came to event %d where 2 is the next, and 412 sequence-conflict is wanted", got.told(), seq)
	}
	got, _ := t.events(-1, 0)
	t.must(slices.Equal(texts(got), []string{"first", "second"}), "the events are %q, and the others were out of turn", texts(got))
	var kept contract.Rollout
	t.read(get("rollouts", t.going.rollout), http.StatusOK, &kept)
	t.must(kept.Head.Stage != "out of turn", "the head is that of an event that was out of turn")
}

func (t *trial) appendsWithoutHeader() {
	t.wrote("first")
	id := t.going.rollout
	t.refused(post(contract.Append{Event: "second", Head: t.headOf(id, 2)}, "rollouts", id, "events"), contract.InvalidRequest)
	got, _ := t.events(-1, 0)
	t.must(len(got) == 1, "there are %d events, and one was written", len(got))
}

func (t *trial) appendRace() {
	t.wrote("first")
	id, written, refused := t.going.rollout, 0, 0
	for _, got := range t.race(racers, func(i int) ask {
		return appendOf(id, 1, contract.Append{Event: string(rune('a' + i)), Head: t.headOf(id, 2)})
	}) {
		switch {
		case got.status == http.StatusCreated:
			written++
		case got.reason == contract.SequenceConflict:
			refused++
		}
	}
	events, _ := t.events(-1, 0)
	t.must(written == 1 && refused == racers-1 && len(events) == 2, "of %d at once %d were written, and %d were refused as they have to be; there are %d events, and 2 are wanted", racers, written, refused, len(events))
}

func (t *trial) listed0() {
	all := []string{"a", "b", "c", "d", "e"}
	t.wrote(all...)
	for after := int64(-1); after < 7; after++ {
		got, _ := t.events(after, 0)
		for i, e := range got {
			t.must(e.Seq == after+1+int64(i), "event %d is listed where %d is the next", e.Seq, after+1+int64(i))
		}
		want := all[min(int64(len(all)), after+1):]
		t.must(slices.Equal(texts(got), want), "after %d the events are %q, and %q are wanted", after, texts(got), want)
	}
	var page contract.EventPage
	t.read(get("rollouts", t.going.rollout, "events"), http.StatusOK, &page)
	t.must(len(page.Items) == len(all), "without after there are %d events, and %d are wanted", len(page.Items), len(all))
}

func (t *trial) eventPages() {
	all := []string{"a", "b", "c", "d", "e"}
	t.wrote(all...)
	for _, limit := range []int{1, 2, 5, 6} {
		var got []contract.Event
		for more := true; more; {
			some, goesOn := t.events(int64(len(got))-1, limit)
			t.must(len(some) <= limit, "a page has %d events, and %d are the limit", len(some), limit)
			t.must(len(some) > 0 || !goesOn, "a page without events says that there are more")
			got, more = append(got, some...), goesOn
		}
		t.must(slices.Equal(texts(got), all), "in pages of %d the events are %q, and %q are wanted", limit, texts(got), all)
	}
}

func (t *trial) etags() {
	t.begin()
	for n := range int64(3) {
		for _, a := range []ask{get("rollouts", t.going.rollout, "events"), get("rollouts", t.going.rollout, "events").with("limit", 1)} {
			got := t.read(a, http.StatusOK, nil).header.Get("ETag")
			t.must(got == quoted(n), "the ETag is %s with %d events, and %s is wanted", got, n, quoted(n))
		}
		t.written(t.write(n, "an event", nil))
	}
}

func (t *trial) heads() {
	t.begin()
	for seq, phase := range []engine.Phase{engine.PhaseProgressing, engine.PhasePaused, engine.PhaseRollingBack} {
		stage := "stage of event " + string(phase)
		t.written(t.write(int64(seq), "an event", func(h *contract.RolloutHead) { h.Phase, h.Stage = phase, stage }))
		var kept contract.Rollout
		t.read(get("rollouts", t.going.rollout), http.StatusOK, &kept)
		t.must(kept.Head.Phase == phase && kept.Head.Stage == stage && kept.Head.Events == int64(seq)+1, "the head is %+v after event %d at %q", kept.Head, seq, stage)
	}
}
