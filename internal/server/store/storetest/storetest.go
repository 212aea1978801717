// Package storetest is the conformance suite of stores, beside that of journals in enginetest.
package storetest

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Stores is the conformance suite of store.Store. open returns the store of one place, whose
// outbox is in use: calling it again may be another process looking at the same.
func Stores(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, func(*testing.T) store.Store)
	}{
		{"start", start},
		{"keys at once", keysAtOnce},
		{"copies", copies},
		{"append at once", appendAtOnce},
		{"find", find},
		{"pages", pages},
		{"walked", walked},
		{"own", own},
		{"lease", lease},
		{"changed", changed},
		{"changed in order", changedInOrder},
		{"outbox", outbox},
		{"claims at once", claimsAtOnce},
		{"pending", pending},
		{"threads", threads},
		{"tokens", tokens},
		{"audits", audits},
		{"secrets", secrets},
		{"called off", calledOff},
		{"strange texts", strangeTexts},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// at is a time of the suite, to the nanosecond.
var at = enginetest.Start.Add(123456789 * time.Nanosecond)

// begin starts a rollout of a plugin in QA.
func begin(t *testing.T, s store.Store, id, plugin string, st store.Start) engine.Journal {
	t.Helper()
	j, err := s.Start(t.Context(), enginetest.Plan(t, id, engine.QA, plugin), st)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// end ends a rollout that did nothing yet.
func end(t *testing.T, j engine.Journal) {
	t.Helper()
	plan, err := j.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range []engine.Event{
		{Kind: engine.Aborted, By: "anna"},
		{Kind: engine.Finished, Stage: len(plan.Stages), Outcome: engine.RolledBack},
	} {
		e.Seq, e.At = int64(i), at.Add(time.Duration(i)*time.Second)
		if err := enginetest.Append(t, j, e); err != nil {
			t.Fatal(err)
		}
	}
}

// get is a rollout.
func get(t *testing.T, s store.Store, id string) store.Rollout {
	t.Helper()
	r, err := s.Rollout(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// start has what was given at the start come back, and refuses what is refused.
func start(t *testing.T, open func(*testing.T) store.Store) {
	ctx := t.Context()
	st := store.Start{Key: "key", Request: "digest", Deployment: []byte(`{"a": "ü"}`), By: "token ci", Walked: true, At: at}
	j := begin(t, open(t), "start-1", "started", st)
	r := get(t, open(t), "start-1")
	plan, err := j.Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	state := engine.NewState()
	if want := engine.HeadOf(plan, &state, j.Ordinal(), time.Time{}); !reflect.DeepEqual(r.RolloutHead, want) {
		t.Errorf("the head:\ngot  %+v\nwant %+v", r.RolloutHead, want)
	}
	if r.Strategy != plan.Spec.Strategy || len(r.Stages) != len(plan.Stages) || r.Stages[0] != plan.Stages[0].Name {
		t.Errorf("its strategy is %s, its stages are %v", r.Strategy, r.Stages)
	}
	for key, want := range map[string]string{"key": "start-1 digest", "no key": " "} {
		if id, request, err := open(t).Keyed(ctx, key); err != nil || id+" "+request != want {
			t.Errorf("Keyed %s: %q, %q, %v", key, id, request, err)
		}
	}
	st.Ordinal = j.Ordinal()
	if !reflect.DeepEqual(r.Start, st) || r.Change < 1 || r.Changed.IsZero() || r.Owner != "" || r.Holder != "" || !r.Until.IsZero() {
		t.Errorf("the rollout:\ngot  %+v\nwant %+v", r, st)
	}
	for _, request := range []string{"digest", "another"} {
		var started *store.StartedError
		_, err := open(t).Start(ctx, enginetest.Plan(t, "start-2", engine.Staging, "started"), store.Start{Key: "key", Request: request, At: at})
		if !errors.As(err, &started) || *started != (store.StartedError{Rollout: "start-1", Differs: request == "another"}) {
			t.Errorf("Start with the key, request %s: %v", request, err)
		}
	}
	var unfinished *engine.UnfinishedError
	if _, err := open(t).Start(ctx, enginetest.Plan(t, "start-3", engine.QA, "started"), store.Start{Key: "other"}); !errors.As(err, &unfinished) {
		t.Errorf("Start beside an unfinished one: %v", err)
	}
	before := get(t, open(t), "start-1").Change
	end(t, j)
	if r := get(t, open(t), "start-1"); r.Change <= before || r.Outcome != engine.RolledBack || r.Events != 2 {
		t.Errorf("after its end: %+v", r)
	}
	if j := begin(t, open(t), "start-3", "started", store.Start{Key: "other"}); j.Ordinal() <= st.Ordinal {
		t.Errorf("the next one has ordinal %d, this one %d", j.Ordinal(), st.Ordinal)
	}
	if _, err := open(t).Rollout(ctx, "start-9"); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("Rollout of none: %v", err)
	}
}

// keysAtOnce starts rollouts of different plugins with one key: one begins.
func keysAtOnce(t *testing.T, open func(*testing.T) store.Store) {
	const callers = 6
	plugins := []string{"keyed-a", "keyed-b", "keyed-c", "keyed-a", "keyed-b", "keyed-c"}
	errs := make([]error, callers)
	var all sync.WaitGroup
	for i := range callers {
		s, p := open(t), enginetest.Plan(t, plugins[i]+"-"+string(rune('0'+i)), engine.QA, plugins[i])
		all.Go(func() { _, errs[i] = s.Start(t.Context(), p, store.Start{Key: "one key", Request: "r", At: at}) })
	}
	all.Wait()
	begun := 0
	for _, err := range errs {
		var started *store.StartedError
		switch {
		case err == nil:
			begun++
		case !errors.As(err, &started) || started.Differs:
			t.Errorf("Start with a key that is in use: %v", err)
		}
	}
	if begun != 1 {
		t.Errorf("%d rollouts began with one key", begun)
	}
}

// copies has those of what a fleet keeps, with the fleet's ordinals.
func copies(t *testing.T, open func(*testing.T) store.Store) {
	for i, ordinal := range []int64{7, 9} { // though the first one does not end
		if j := begin(t, open(t), []string{"copy-7", "copy-9"}[i], "copied", store.Start{Ordinal: ordinal, At: at}); j.Ordinal() != ordinal {
			t.Errorf("the copy has ordinal %d, not %d", j.Ordinal(), ordinal)
		}
	}
	if _, err := open(t).Start(t.Context(), enginetest.Plan(t, "copy-b", engine.QA, "copied"), store.Start{Ordinal: 7}); err == nil {
		t.Error("an ordinal was given twice")
	}
	for _, id := range []string{"copy-7", "copy-9"} {
		var unfinished *engine.UnfinishedError
		_, err := open(t).Begin(t.Context(), enginetest.Plan(t, "copy-n", engine.QA, "copied"))
		if !errors.As(err, &unfinished) {
			t.Errorf("Begin beside %s: %v", id, err)
		}
		j, err := open(t).Open(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		end(t, j)
	}
	if j := begin(t, open(t), "copy-n", "copied", store.Start{At: at}); j.Ordinal() != 10 {
		t.Errorf("the next one has ordinal %d", j.Ordinal())
	}
}

// appendAtOnce has several write the same numbers: each is written once.
func appendAtOnce(t *testing.T, open func(*testing.T) store.Store) {
	const writers, events = 4, 10
	begin(t, open(t), "race", "raced", store.Start{At: at})
	won := make([]map[int64]bool, writers)
	var all sync.WaitGroup
	for w := range writers {
		won[w] = map[int64]bool{}
		j, err := open(t).Open(t.Context(), "race")
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			for seq := range int64(events) {
				e := engine.Event{Seq: seq, At: at, Kind: engine.Measured, Writer: string(rune('a' + w)), Before: &engine.Measurement{Requests: int64(w)}}
				switch err := j.Append(t.Context(), e, engine.RolloutHead{Phase: engine.PhaseProgressing, Events: seq + 1}); {
				case err == nil:
					won[w][seq] = true
				case !errors.Is(err, engine.ErrConflict):
					t.Errorf("Append of %d: %v", seq, err)
				}
			}
		})
	}
	all.Wait()
	j, err := open(t).Open(t.Context(), "race")
	if err != nil {
		t.Fatal(err)
	}
	got, err := j.Events(t.Context(), -1)
	if err != nil || len(got) != events {
		t.Fatalf("there are %d events, %v", len(got), err)
	}
	for _, e := range got {
		for w := range writers {
			if mine := e.Writer == string(rune('a'+w)); won[w][e.Seq] != mine {
				t.Errorf("event %d is %s's, and %c was told %v", e.Seq, e.Writer, 'a'+w, won[w][e.Seq])
			}
		}
	}
}
