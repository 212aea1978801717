package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// changed waits for events that another process writes.
func changed(t *testing.T, open func(*testing.T) store.Store) {
	ctx := t.Context()
	j := begin(t, open(t), "changed", "changing", store.Start{At: at})
	change, err := open(t).LastChange(t.Context())
	if is := get(t, open(t), "changed").Change; err != nil || change != is {
		t.Errorf("the last change is %d, not %d: %v", change, is, err)
	}
	waiters := []struct {
		rollout string
		after   int64
	}{{"changed", -1}, {"changed", 0}, {"", change}}
	var all sync.WaitGroup
	for _, w := range waiters {
		s := open(t)
		all.Go(func() {
			if err := s.Changed(ctx, w.rollout, w.after); err != nil {
				t.Errorf("Changed %q after %d: %v", w.rollout, w.after, err)
			}
		})
	}
	end(t, j)
	all.Wait()
	s := open(t)
	done, cancel := context.WithCancel(ctx)
	all.Go(func() {
		if err := s.Changed(done, "changed", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("Changed, called off: %v", err)
		}
	})
	cancel()
	all.Wait()
	if err := s.Changed(ctx, "changed-9", -1); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("Changed of none: %v", err)
	}
}

// changedInOrder has a reader that asks for what changed since it last asked, while several
// write: it misses nothing.
func changedInOrder(t *testing.T, open func(*testing.T) store.Store) {
	const writers, events = 4, 8
	ctx := t.Context()
	var all sync.WaitGroup
	since, js := int64(0), make([]engine.Journal, writers)
	for w := range writers {
		id := fmt.Sprintf("order-%d", w)
		js[w] = begin(t, open(t), id, id, store.Start{At: at})
		since = get(t, open(t), id).Change
	}
	for w, j := range js {
		all.Go(func() {
			for seq := range int64(events) {
				e := engine.Event{Seq: seq, At: at, Kind: engine.Measured, Before: &engine.Measurement{}}
				if err := j.Append(ctx, e, engine.RolloutHead{Phase: engine.PhaseProgressing, Events: seq + 1}); err != nil {
					t.Errorf("Append of %d to order-%d: %v", seq, w, err)
				}
			}
		})
	}
	s, seen := open(t), map[string]int64{}
	for left := writers; left > 0; {
		if err := s.Changed(ctx, "", since); err != nil {
			t.Fatal(err)
		}
		rs, err := s.Find(ctx, store.Query{Since: since})
		if err != nil {
			t.Fatal(err)
		}
		for i := range rs {
			r := &rs[i]
			if r.Events <= seen[r.Rollout] {
				t.Errorf("%s was seen with %d events already", r.Rollout, r.Events)
			}
			seen[r.Rollout] = r.Events
			since = max(since, r.Change)
			if r.Events == events {
				left--
			}
		}
	}
	all.Wait()
	if rs, err := s.Find(ctx, store.Query{Since: since}); err != nil || len(rs) != 0 {
		t.Errorf("something changed since: %s, %v", ids(rs), err)
	}
}

// calledOff calls off writing at any moment: what is written is whole, and one can go on.
func calledOff(t *testing.T, open func(*testing.T) store.Store) {
	s := open(t)
	j := begin(t, s, "off", "called-off", store.Start{At: at})
	next := int64(0)
	for i := range 60 {
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			_ = walker.Pause(t.Context(), time.Duration(i)*20*time.Microsecond)
			cancel()
		})
		e := engine.Event{Seq: next, At: at, Kind: engine.Measured, Before: &engine.Measurement{}}
		err := j.Append(ctx, e, engine.RolloutHead{Phase: engine.PhaseProgressing, Events: next + 1})
		all.Wait()
		events, unread := j.Events(t.Context(), -1)
		r := get(t, s, "off")
		if n := int64(len(events)); unread != nil || n != r.Events || n < next || n > next+1 || err == nil && n != next+1 {
			t.Fatalf("after Append of %d, %v: there are %d events, and it says %d; %v", next, err, n, r.Events, unread)
		}
		next = r.Events
	}
	end := engine.Event{Seq: next, At: at, Kind: engine.Measured, Before: &engine.Measurement{}}
	if err := j.Append(t.Context(), end, engine.RolloutHead{Phase: engine.PhaseProgressing, Events: next + 1}); err != nil {
		t.Errorf("Append after all that: %v", err)
	}
}

// strangeTexts keeps what a database may not like, as far as it can.
func strangeTexts(t *testing.T, open func(*testing.T) store.Store) {
	s := open(t)
	text := "'; -- \"ü\" \x00 \xff %_\\ ?$1"
	if err := s.Audit(t.Context(), store.Audit{At: at, Actor: text, Reason: text}); err != nil {
		t.Fatal(err)
	}
	as, err := s.ListAudits(t.Context(), 0, 1)
	if want := "'; -- \"ü\" \uFFFD \uFFFD %_\\ ?$1"; err != nil || len(as) != 1 || as[0].Actor != want || as[0].Reason != want {
		t.Errorf("it kept %+v, %v", as, err)
	}
	if _, err := s.Open(t.Context(), text); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("Open of a strange id: %v", err)
	}
	if _, err := s.Start(t.Context(), enginetest.Plan(t, "strange", engine.QA, "strange"), store.Start{Key: text, By: text, At: at}); err != nil {
		t.Error(err)
	}
}
