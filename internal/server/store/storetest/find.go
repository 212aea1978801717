package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// ids are those of rollouts, with spaces between.
func ids(rs []store.Rollout) (text string) {
	for i := range rs {
		if i > 0 {
			text += " "
		}
		text += rs[i].Rollout
	}
	return text
}

// find asks for rollouts by all that may be asked for.
func find(t *testing.T, open func(*testing.T) store.Store) {
	s, later := open(t), at.Add(24*time.Hour)
	var change int64
	for i, c := range []struct {
		env    engine.Environment
		plugin string
		ends   bool
	}{{engine.QA, "found-a", true}, {engine.QA, "found-a", false}, {engine.Staging, "Found_B", true}, {engine.Production, "found-c", false}} {
		id := fmt.Sprintf("find-%d", i+1)
		j, err := s.Start(t.Context(), enginetest.Plan(t, id, c.env, c.plugin), store.Start{At: later.Add(time.Duration(i/2) * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if c.ends {
			end(t, j)
		}
		if i == 2 {
			change = get(t, s, id).Change
		}
	}
	below := store.Cursor{At: later.Add(time.Hour), ID: "find-3"}
	for _, c := range []struct {
		query store.Query
		want  string
	}{
		{store.Query{Text: "find-"}, "find-4 find-3 find-2 find-1"},
		{store.Query{Text: "FIND-", Limit: 3}, "find-4 find-3 find-2"},
		{store.Query{Text: "find-", Below: below}, "find-2 find-1"},
		{store.Query{Text: "find-", Environments: []engine.Environment{engine.QA}}, "find-2 find-1"},
		{store.Query{Text: "find-", Environments: []engine.Environment{engine.Staging, engine.Production}}, "find-4 find-3"},
		{store.Query{Plugin: "found-a"}, "find-2 find-1"},
		{store.Query{Text: "found_"}, "find-3"},
		{store.Query{Text: "UND-A"}, "find-2 find-1"},
		{store.Query{Text: "d%a"}, ""},
		{store.Query{Text: "find-", InFlight: true}, "find-4 find-2"},
		{store.Query{Text: "find-", Phases: []engine.Phase{engine.PhaseRolledBack}}, "find-3 find-1"},
		{store.Query{Text: "find-", Phases: []engine.Phase{engine.PhaseProgressing, engine.PhaseRolledBack}, Limit: 1}, "find-4"},
		{store.Query{Text: "find-", Outcomes: []engine.Outcome{engine.RolledBack, engine.Succeeded}}, "find-3 find-1"},
		{store.Query{Text: "find-", Outcomes: []engine.Outcome{engine.Succeeded}}, ""},
		{store.Query{Since: change}, "find-4"},
		{store.Query{Text: "1.6.0", Plugin: "found-c"}, "find-4"},
		{store.Query{Text: `\`}, ""},
	} {
		rs, err := open(t).Find(t.Context(), c.query)
		if got := ids(rs); err != nil || got != c.want {
			t.Errorf("Find %+v: %s, %v, want %s", c.query, got, err, c.want)
		}
	}
}

// pages goes through a list page by page, of rollouts that were started at the same time.
func pages(t *testing.T, open func(*testing.T) store.Store) {
	s, want := open(t), ""
	for i := range 7 {
		begin(t, s, fmt.Sprintf("page-%d", i), fmt.Sprintf("paged-%d", i), store.Start{At: at})
		want = fmt.Sprintf("page-%d ", i) + want
	}
	q, got := store.Query{Text: "page-", Limit: 3}, ""
	for {
		rs, err := s.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(rs) == 0 {
			break
		}
		last := &rs[len(rs)-1]
		q.Below, got = store.Cursor{At: last.At, ID: last.Rollout}, got+ids(rs)+" "
	}
	if got != want {
		t.Errorf("page by page: %s, want %s", got, want)
	}
}

// walked lists what is the server's to walk until it ends.
func walked(t *testing.T, open func(*testing.T) store.Store) {
	s := open(t)
	is := func(id string) bool {
		t.Helper()
		all, err := open(t).Walked(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			if all[i].Rollout == id {
				return true
			}
		}
		return false
	}
	j := begin(t, s, "walk-1", "walked-1", store.Start{Walked: true, At: at})
	begin(t, s, "walk-2", "walked-2", store.Start{At: at})
	if !is("walk-1") || is("walk-2") {
		t.Errorf("walked: %v, and the copy: %v", is("walk-1"), is("walk-2"))
	}
	end(t, j)
	if is("walk-1") {
		t.Error("what has ended is walked")
	}
}

// own hands a rollout on.
func own(t *testing.T, open func(*testing.T) store.Store) {
	ctx := t.Context()
	begin(t, open(t), "own", "owned", store.Start{At: at})
	for _, c := range []struct{ owner, previous, is string }{
		{"anna", "", "anna"}, {"anna", "", "anna"}, {"bert", "", "anna"}, {"bert", "carl", "anna"}, {"bert", "anna", "bert"}, {"", "bert", ""}, {"carl", "", "carl"},
	} {
		err := open(t).Own(ctx, "own", c.owner, c.previous)
		var owned *store.OwnedError
		if (err == nil) != (c.owner == c.is) || err != nil && (!errors.As(err, &owned) || owned.Owner != c.is) {
			t.Errorf("Own by %q, after %q: %v", c.owner, c.previous, err)
		}
		if r := get(t, open(t), "own"); r.Owner != c.is {
			t.Errorf("it is %q's, not %q's", r.Owner, c.is)
		}
	}
	if err := open(t).Own(ctx, "own-9", "anna", ""); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("Own of none: %v", err)
	}
}

// lease gives a rollout to one who walks it, until that one is silent.
func lease(t *testing.T, open func(*testing.T) store.Store) {
	ctx := t.Context()
	begin(t, open(t), "lease", "leased", store.Start{At: at})
	for _, c := range []struct {
		holder    string
		now, long time.Duration
		is        string
		until     time.Duration
	}{
		{"a", 0, 10, "a", 10}, {"b", 5, 10, "a", 10}, {"a", 6, 10, "a", 16}, {"b", 12, 10, "a", 16}, {"b", 16, 10, "b", 26}, {"a", 17, 10, "b", 26},
	} {
		now := at.Add(c.now)
		err := open(t).Lease(ctx, "lease", c.holder, now, now.Add(c.long))
		var leased *store.LeasedError
		if (err == nil) != (c.holder == c.is) || err != nil && (!errors.As(err, &leased) || leased.Holder != c.is || !leased.Until.Equal(at.Add(c.until))) {
			t.Errorf("Lease by %s at %d: %v", c.holder, c.now, err)
		}
		if r := get(t, open(t), "lease"); r.Holder != c.is || !r.Until.Equal(at.Add(c.until)) {
			t.Errorf("%s has it until %s", r.Holder, r.Until)
		}
	}
	for _, holder := range []string{"a", "b"} {
		if err := open(t).Release(ctx, "lease", holder); err != nil {
			t.Error(err)
		}
		if r := get(t, open(t), "lease"); (r.Holder == "") != (holder == "b") {
			t.Errorf("after the release of %s %q has it", holder, r.Holder)
		}
	}
	if err := open(t).Lease(ctx, "lease", "a", at, at.Add(1)); err != nil {
		t.Error(err)
	}
	begin(t, open(t), "lease-2", "leased-2", store.Start{At: at})
	if err := open(t).Lease(ctx, "lease-2", "b", at, at.Add(1)); err != nil {
		t.Error(err)
	}
	if err := open(t).Renew(ctx, "a", at.Add(99)); err != nil {
		t.Error(err)
	}
	if a, b := get(t, open(t), "lease"), get(t, open(t), "lease-2"); !a.Until.Equal(at.Add(99)) || !b.Until.Equal(at.Add(1)) {
		t.Errorf("after a's were renewed a has until %s, and b until %s", a.Until, b.Until)
	}
	if err := open(t).Lease(ctx, "lease-9", "a", at, at); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("Lease of none: %v", err)
	}
}
