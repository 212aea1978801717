package conformance

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

var (
	journaled = []engine.Capability{engine.CanJournal}
	afterwork = []string{"rollouts.begin", "events.append"}
)

func journalClauses() []Clause {
	return []Clause{
		{ID: "rollouts.none", Says: "A fleet without the capability `journal` answers 501 `not-supported` to rollouts.", Lacks: engine.CanJournal, try: (*trial).noJournal},
		{ID: "rollouts.unknown", Says: "404 `unknown-rollout` where there is no such rollout.", Needs: journaled, try: (*trial).unknownRollout},
		{ID: "rollouts.begin", Says: "A rollout begins with 201, and has an ordinal above 0.", Needs: journaled, try: (*trial).begins},
		{ID: "events.append", Says: "An event with the next number, from 0 on, is written with 201.", Needs: journaled, After: []string{"rollouts.begin"}, try: (*trial).appends},
	}
}

func beginClauses() []Clause {
	return []Clause{
		{ID: "rollouts.kept", Says: "`plan`, `digest`, `targets` and `deployment` of a rollout are given back as they came, byte for byte, and its head with the fleet's ordinal in it.", Needs: journaled, After: afterwork, try: (*trial).keptRollout},
		{ID: "rollouts.again", Says: "The same id with the same digest again is the same request: 200 with the same ordinal, whatever became of the rollout since.", Needs: journaled, After: afterwork, try: (*trial).beginsAgain},
		{ID: "rollouts.taken", Says: "The same id with another digest is answered with 409 `rollout-taken`.", Needs: journaled, After: afterwork, try: (*trial).takenID},
		{ID: "rollouts.unfinished", Says: "While another rollout is unfinished, 409 `unfinished-rollout`, and `unfinished` has its id, candidate, phase and stage.", Needs: journaled, After: afterwork, try: (*trial).unfinished},
		{ID: "rollouts.stuck", Says: "A rollout with the outcome `stuck` is unfinished; one with another outcome lets the next one begin.", Needs: journaled, After: afterwork, try: (*trial).stuck},
		{ID: "rollouts.targets", Says: "The list of targets has to be there when a rollout begins: else 409 `targets-missing`.", Needs: journaled, After: afterwork, try: (*trial).beginsWithoutTargets},
		{ID: "rollouts.header", Says: "Without `If-None-Match: *` nothing begins: 400 `invalid-request`.", Needs: journaled, After: afterwork, try: (*trial).beginsWithoutHeader},
		{ID: "rollouts.ordinals", Says: "Ordinals grow.", Needs: journaled, After: afterwork, try: (*trial).ordinals},
		{ID: "rollouts.race", Says: "Of any number of rollouts that begin at once exactly one does; the others are answered with 409 `unfinished-rollout`.", Needs: journaled, After: afterwork, try: (*trial).beginRace},
	}
}

func (t *trial) noJournal() {
	t.refused(get("rollouts"), contract.NotSupported)
	id := t.newID()
	t.refused(get("rollouts", id), contract.NotSupported)
	t.refused(beginOf(id, t.start(id)), contract.NotSupported)
}

func (t *trial) unknownRollout() {
	id := t.newID()
	for _, a := range []ask{
		get("rollouts", id), get("rollouts", id, "events"), appendOf(id, 0, contract.Append{Event: "x", Head: t.headOf(id, 1)}),
		put(contract.Owner{Owner: "x"}, "rollouts", id, "owner"), put(contract.Lease{Holder: "x", Seconds: 1}, "rollouts", id, "lease"),
	} {
		t.refused(a, contract.UnknownRollout)
	}
}

func (t *trial) begins() {
	t.begin()
	t.must(t.going.ordinal > 0, "the ordinal is %d", t.going.ordinal)
}

// write writes an event of the open rollout, with a head as change makes it.
func (t *trial) write(seq int64, text string, change func(*contract.RolloutHead)) *answer {
	h := t.headOf(t.going.rollout, seq+1)
	if change != nil {
		change(&h)
	}
	return t.send(appendOf(t.going.rollout, seq, contract.Append{Writer: "conformance", Event: text, Head: h}))
}

func (t *trial) written(got *answer) {
	t.must(got.status == http.StatusCreated, "%s came to an event with the next number, and 201 is wanted", got.told())
}

func (t *trial) appends() {
	t.begin()
	for seq, text := range []string{"first", "second", "third"} {
		t.written(t.write(int64(seq), text, nil))
	}
}

// hardText is what is hard to keep as it is: what JSON escapes, what HTML does, what is no
// letter, and what looks like JSON.
const hardText = "{\"a\": \"\\\"b\\\"\",\t\"c\" :1.0e0}\r\n <b>&amp;</b> \u2028\u2029 žluťoučký kůň 🐎 \u0001\u007f e\u0301 \ufeff \\u0041 "

func (t *trial) keptRollout() {
	t.idle()
	id := t.newID()
	s := t.start(id)
	s.Plan = hardText + s.Plan
	s.Deployment = json.RawMessage(`{"pluginId":"` + t.Plugin + `","environment":"` + t.Environment + `","version":"` + t.box.new + `","canaryConfig":{"stages":[10,50]}}`)
	t.going.ordinal = t.startedAs(beginOf(id, s), http.StatusCreated)
	t.going.rollout, t.going.open = id, true
	var kept contract.Rollout
	t.read(get("rollouts", id), http.StatusOK, &kept)
	t.must(kept.Plan == s.Plan, "the plan is %q, and %q was sent", kept.Plan, s.Plan)
	t.must(kept.Digest == s.Digest && kept.Targets == s.Targets, "digest and targets are %s and %s, and %s and %s were sent", kept.Digest, kept.Targets, s.Digest, s.Targets)
	t.must(kept.Ordinal > 0 && kept.Head.Ordinal == kept.Ordinal, "the head has the ordinal %d, and the rollout %d", kept.Head.Ordinal, kept.Ordinal)
	t.must(kept.Head.Rollout == id && kept.Head.Candidate == s.Head.Candidate && kept.Head.Phase == s.Head.Phase && kept.Head.Stage == s.Head.Stage, "the head is %+v, and %+v was sent", kept.Head, s.Head)
	var sent, got any
	_, _ = json.Unmarshal(s.Deployment, &sent), json.Unmarshal(kept.Deployment, &got) // what is none is nil, and differs
	t.must(reflect.DeepEqual(got, sent), "the deployment is %s, and %s was sent", kept.Deployment, s.Deployment)
}

func (t *trial) startedAs(a ask, status int) int64 {
	var s contract.Started
	t.read(a, status, &s)
	return s.Ordinal
}

func (t *trial) beginsAgain() {
	id := t.begin()
	first, a := t.going.ordinal, beginOf(id, t.start(id))
	t.must(t.startedAs(a, http.StatusOK) == first, "another ordinal than %d came to the same request", first)
	t.written(t.write(0, "an event", nil))
	t.must(t.startedAs(a, http.StatusOK) == first, "another ordinal than %d came to the same request after an event", first)
	t.idle()
	t.must(t.startedAs(a, http.StatusOK) == first, "another ordinal than %d came to the same request after the rollout had ended", first)
}

func (t *trial) takenID() {
	id := t.begin()
	s := t.start(id)
	s.Plan, s.Digest = "another plan", contract.DigestOf([]byte("another plan"))
	t.refused(beginOf(id, s), contract.RolloutTaken)
	t.idle()
	t.refused(beginOf(id, s), contract.RolloutTaken)
}

func (t *trial) unfinished() {
	id := t.begin()
	t.written(t.write(0, "an event", func(h *contract.RolloutHead) { h.Phase, h.Stage = engine.PhasePaused, "the stage of an event" }))
	other := t.newID()
	got := t.refused(beginOf(other, t.start(other)), contract.UnfinishedRollout)
	var p contract.Problem
	if err := got.in(&p); err != nil {
		t.fail("%v", err)
	}
	u := p.Unfinished
	t.must(u != nil, "the problem does not say which rollout is unfinished")
	t.must(u.Rollout == id && u.Candidate == t.box.new && u.Phase == string(engine.PhasePaused) && u.Stage == "the stage of an event",
		"unfinished is %+v, and it is rollout %s to %s, %s at %q", *u, id, t.box.new, engine.PhasePaused, "the stage of an event")
	t.refused(get("rollouts", other), contract.UnknownRollout)
}

// endedAs writes an event that ends the open rollout.
func (t *trial) endedAs(seq int64, how engine.Outcome) {
	t.written(t.write(seq, "it ended", func(h *contract.RolloutHead) { h.Phase, h.Outcome = engine.Phase(how), how }))
}

func (t *trial) stuck() {
	for _, how := range []engine.Outcome{engine.Succeeded, engine.Retained, engine.RolledBack} {
		t.begin()
		t.endedAs(0, engine.Stuck)
		other := t.newID()
		t.refused(beginOf(other, t.start(other)), contract.UnfinishedRollout)
		t.endedAs(1, how)
		t.going.open = false
	}
	t.begin()
}

func (t *trial) beginsWithoutTargets() {
	t.idle()
	id := t.newID()
	s := t.start(id)
	s.Targets = contract.DigestOf([]byte(id))
	t.refused(beginOf(id, s), contract.TargetsMissing)
	t.refused(get("rollouts", id), contract.UnknownRollout)
}

func (t *trial) beginsWithoutHeader() {
	t.idle()
	id := t.newID()
	t.refused(put(t.start(id), "rollouts", id), contract.InvalidRequest)
	t.refused(get("rollouts", id), contract.UnknownRollout)
}

func (t *trial) ordinals() {
	t.begin()
	for range 2 {
		last := t.going.ordinal
		t.idle()
		id := t.newID()
		next := t.startedAs(beginOf(id, t.start(id)), http.StatusCreated)
		t.going.rollout, t.going.open, t.going.ordinal = id, true, next
		t.must(next > last, "the ordinal %d came after %d", next, last)
	}
}

// racers is how many take part in a race.
const racers = 8

func (t *trial) beginRace() {
	t.idle()
	names := make([]string, racers)
	for i := range names {
		names[i] = t.newID()
	}
	t.listed()
	starts := make([]ask, racers)
	for i, id := range names {
		starts[i] = beginOf(id, t.start(id))
	}
	began, refused := 0, 0
	for i, got := range t.race(racers, func(i int) ask { return starts[i] }) {
		switch {
		case got.status == http.StatusCreated:
			began++
			var s contract.Started
			_ = got.in(&s) // without an ordinal, another clause does not hold
			t.going.rollout, t.going.open, t.going.ordinal = names[i], true, s.Ordinal
		case got.reason == contract.UnfinishedRollout:
			refused++
		}
	}
	t.must(began == 1 && refused == racers-1, "of %d at once %d began, and %d were refused as they have to be", racers, began, refused)
}
