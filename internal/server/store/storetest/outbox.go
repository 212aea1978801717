package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// drain divides what there is into nothing.
func drain(t *testing.T, s store.Store) {
	t.Helper()
	for {
		us, err := s.Untold(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(us) == 0 {
			return
		}
		for _, u := range us {
			if err := s.Divide(t.Context(), u, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// outbox goes the way of an event, from the transaction that wrote it to those who hear of it.
func outbox(t *testing.T, open func(*testing.T) store.Store) {
	ctx, s := t.Context(), open(t)
	drain(t, s)
	end(t, begin(t, open(t), "told", "told", store.Start{At: at}))
	us, err := s.Untold(ctx, 2)
	if err != nil || len(us) != 2 || us[0].Seq != -1 || us[1].Seq != 0 || us[0].Rollout != "told" || us[0].ID >= us[1].ID {
		t.Fatalf("untold is %+v, %v", us, err)
	}
	to := []store.Delivery{
		{ID: "m1", Sink: "chat", Rollout: "told", Seq: -1, Due: at, Made: at},
		{ID: "m1", Sink: "hook", Rollout: "told", Seq: -1, Due: at.Add(time.Minute), Made: at},
	}
	for range 2 { // the second time it was divided meanwhile
		if err := s.Divide(ctx, us[0], to); err != nil {
			t.Fatal(err)
		}
	}
	if us, err := open(t).Untold(ctx, 9); err != nil || len(us) != 2 || us[0].Seq != 0 {
		t.Errorf("untold is %+v, %v", us, err)
	}
	claim := func(now time.Duration, want ...store.Delivery) {
		t.Helper()
		until := at.Add(now + time.Hour)
		got, err := open(t).Claim(ctx, at.Add(now), until, 9)
		if err != nil || len(got) != len(want) {
			t.Fatalf("Claim at %s: %+v, %v, want %+v", now, got, err, want)
		}
		for i := range got {
			if want[i].Due = until; got[i] != want[i] {
				t.Errorf("Claim at %s:\ngot  %+v\nwant %+v", now, got[i], want[i])
			}
		}
	}
	claim(-1)
	claim(0, to[0])
	claim(time.Second)
	failed := to[0]
	failed.Attempts, failed.Failed, failed.Due = 1, "it is down", at.Add(time.Minute)
	if err := s.Settle(ctx, failed); err != nil {
		t.Fatal(err)
	}
	claim(time.Minute, failed, to[1])
	for _, d := range to { // both arrive
		d.Attempts, d.Due = 2, time.Time{}
		if err := s.Settle(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	claim(24 * time.Hour)
	if all, err := s.Pending(ctx); err != nil || len(all) != 0 {
		t.Errorf("pending is %+v, %v", all, err)
	}
}

// claimsAtOnce has several claim: each delivery is claimed once.
func claimsAtOnce(t *testing.T, open func(*testing.T) store.Store) {
	ctx, s := t.Context(), open(t)
	drain(t, s)
	begin(t, s, "claimed", "claimed", store.Start{At: at})
	us, err := s.Untold(ctx, 1)
	if err != nil || len(us) != 1 {
		t.Fatal(us, err)
	}
	const deliveries, claimers = 24, 4
	var to []store.Delivery
	for i := range deliveries {
		to = append(to, store.Delivery{ID: fmt.Sprint(i), Sink: "claims", Rollout: "claimed", Seq: -1, Due: at, Made: at.Add(time.Duration(i))})
	}
	if err := s.Divide(ctx, us[0], to); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	claimed := map[string]int{}
	for range claimers {
		s := open(t)
		all.Go(func() {
			for range deliveries { // it may be passed over while another one has it locked
				ds, err := s.Claim(ctx, at.Add(time.Minute), at.Add(time.Hour), 5)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for i, d := range ds {
					if claimed[d.ID]++; i > 0 && d.Made.Before(ds[i-1].Made) {
						t.Errorf("%s is older than the one before it", d.ID)
					}
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for i := range deliveries {
		if n := claimed[fmt.Sprint(i)]; n != 1 {
			t.Errorf("delivery %d was claimed %d times", i, n)
		}
	}
	for _, d := range to {
		d.Due = time.Time{}
		if err := s.Settle(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
}

// pending counts what has not arrived.
func pending(t *testing.T, open func(*testing.T) store.Store) {
	ctx, s := t.Context(), open(t)
	drain(t, s)
	begin(t, s, "pending", "pending", store.Start{At: at})
	us, err := s.Untold(ctx, 1)
	if err != nil || len(us) != 1 {
		t.Fatal(us, err)
	}
	var to []store.Delivery
	for i := range 3 {
		to = append(to, store.Delivery{ID: fmt.Sprint("p", i), Sink: "pending", Rollout: "pending", Due: at.Add(time.Hour), Made: at.Add(time.Duration(i))})
	}
	if err := s.Divide(ctx, us[0], to); err != nil {
		t.Fatal(err)
	}
	to[0].Due, to[0].Failed, to[0].Attempts = time.Time{}, "it is gone for good", 9
	if err := s.Settle(ctx, to[0]); err != nil {
		t.Fatal(err)
	}
	all, err := open(t).Pending(ctx)
	if want := (store.Backlog{Waiting: 2, Oldest: to[1].Made, GivenUp: 1}); err != nil || all["pending"] != want {
		t.Errorf("pending is %+v, %v, want %+v", all, err, want)
	}
	if ds, err := s.Claim(ctx, at.Add(24*time.Hour), at.Add(25*time.Hour), 9); err != nil || len(ds) != 2 {
		t.Errorf("what was given up is claimed: %+v, %v", ds, err)
	}
}

// threads keeps the first text.
func threads(t *testing.T, open func(*testing.T) store.Store) {
	for _, c := range []struct{ sink, rollout, text, want string }{
		{"chat", "thread", "", ""},
		{"chat", "thread", "t1", "t1"},
		{"chat", "thread", "", "t1"},
		{"chat", "thread", "t2", "t1"},
		{"mail", "thread", "", ""},
		{"mail", "thread", "t3", "t3"},
		{"chat", "thread-2", "", ""},
	} {
		if got, err := open(t).Thread(t.Context(), c.sink, c.rollout, c.text); err != nil || got != c.want {
			t.Errorf("Thread %+v: %q, %v", c, got, err)
		}
	}
}
