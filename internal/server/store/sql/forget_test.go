package sql_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
)

// TestNeedless names what is forgotten, of rollouts that are listed newest first.
func TestNeedless(t *testing.T) {
	head := func(text string) engine.RolloutHead { // "id outcome restores"
		words := strings.Split(text+"  ", " ")
		return engine.RolloutHead{Rollout: words[0], Outcome: engine.Outcome(words[1]), Restores: words[2]}
	}
	for _, c := range []struct {
		all  string
		keep int
		want string
	}{
		{"a rolled_back,b rolled_back,c rolled_back", 2, "c"},
		{"a rolled_back,b rolled_back", 0, "a b"},
		{"a,b stuck,c rolled_back", 0, "c"},
		{"a rolled_back,b succeeded,c succeeded", 1, "c"},
		{"a succeeded x,b succeeded y,c succeeded,x succeeded,y succeeded", 0, "b y"},
		{"a rolled_back x,b rolled_back,x succeeded,y succeeded", 1, "b y"},
	} {
		var all []engine.RolloutHead
		for text := range strings.SplitSeq(c.all, ",") {
			all = append(all, head(text))
		}
		if got := strings.Join(sql.Needless(all, c.keep), " "); got != c.want {
			t.Errorf("of %s with %d kept: %s, want %s", c.all, c.keep, got, c.want)
		}
	}
}

// TestForget keeps a few, and those of which somebody is still to be told.
func TestForget(t *testing.T) {
	ctx := t.Context()
	s := openFile(t, filepath.Join(t.TempDir(), "store.db"), sql.Options{Keep: 3, Outbox: true})
	run := func(n int) {
		t.Helper()
		id := fmt.Sprintf("f%d", n)
		j := fill(t, s, enginetest.Plan(t, id, engine.QA, "gateway"), 0)
		for i, e := range []engine.Event{{Kind: engine.Aborted, By: "anna"}, {Kind: engine.Finished, Outcome: engine.RolledBack}} {
			e.Seq, e.At = int64(i), enginetest.Start
			plan, err := j.Plan(ctx)
			if err != nil {
				t.Fatal(err)
			}
			e.Stage = i * len(plan.Stages)
			if err := enginetest.Append(t, j, e); err != nil {
				t.Fatal(err)
			}
		}
	}
	tell := func() {
		t.Helper()
		us, err := s.Untold(ctx, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range us {
			if err := s.Divide(ctx, u, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for n := range 5 {
		run(n)
	}
	if rs, err := s.Find(ctx, store.Query{}); err != nil || len(rs) != 5 {
		t.Errorf("while nobody was told there are %d, %v", len(rs), err)
	}
	tell()
	run(5)
	heads, err := s.List(ctx, engine.QA, "gateway", engine.Filter{})
	if err != nil || len(heads) != 3 || heads[0].Rollout != "f5" || heads[0].Ordinal != 6 {
		t.Errorf("there are %+v, %v", heads, err)
	}
	if _, err := s.Open(ctx, "f0"); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("Open of what was forgotten: %v", err)
	}
	for _, table := range []string{"plans", "events"} {
		if n, err := s.Count(ctx, `SELECT COUNT(*) FROM `+table+` WHERE rollout = 'f0'`); err != nil || n != 0 {
			t.Errorf("there are %d of f0 in %s, %v", n, table, err)
		}
	}
}
