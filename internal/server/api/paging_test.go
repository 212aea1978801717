package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// many writes 250 rollouts: each third one in Staging, each fifth one paused, several begun at
// the same moment.
func (r *rig) many(t *testing.T) (ids []string) {
	t.Helper()
	began := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	for i := range 250 {
		e, plugin := engine.Production, fmt.Sprintf("p%d", i%7)
		if i%3 == 0 {
			e = engine.Staging
		}
		var events []engine.Event
		if i%5 == 0 {
			events = append(events, engine.Event{Kind: engine.Paused, By: "olga"})
		}
		ids = append(ids, fmt.Sprintf("r%03d", i))
		r.begin(t, ids[i], e, plugin, int64(i+1), began.Add(time.Duration(i/4)*time.Second), events...)
	}
	return ids
}

// pages reads a list to its end. between is called after each page.
func (r *rig) pages(who string, q url.Values, between func()) (ids []string) {
	r.t.Helper()
	q = url.Values(http.Header(q).Clone())
	for {
		page := read[contract.RolloutPage](r.t, r.want(http.StatusOK, who, "GET", "/v1/rollouts?"+q.Encode(), "").Body)
		for i := range page.Items {
			ids = append(ids, page.Items[i].ID)
		}
		if page.Next == "" {
			return ids
		}
		q.Set("cursor", page.Next)
		if between != nil {
			between()
		}
	}
}

// TestPages reads 250 rollouts page by page, with each filter, for those who may look at all
// and for those who may not, while others are started.
func TestPages(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	all := r.many(t)
	slices.Reverse(all) // of those that began at the same moment, the greater id comes first
	only := func(keep func(i int) bool) (ids []string) {
		for _, id := range all {
			var i int
			if _, err := fmt.Sscanf(id, "r%d", &i); err != nil {
				t.Fatal(err)
			}
			if keep(i) {
				ids = append(ids, id)
			}
		}
		return ids
	}
	for _, c := range []struct {
		query string
		keep  func(i int) bool
	}{
		{"", func(int) bool { return true }},
		{"environment=Staging", func(i int) bool { return i%3 == 0 }},
		{"environment=Staging&environment=Production", func(int) bool { return true }},
		{"environment=Moon", func(int) bool { return false }},
		{"plugin=p3", func(i int) bool { return i%7 == 3 }},
		{"phase=paused", func(i int) bool { return i%5 == 0 }},
		{"phase=paused&phase=progressing", func(int) bool { return true }},
		{"outcome=succeeded", func(int) bool { return false }},
		{"unfinished=true&plugin=p1&environment=Staging", func(i int) bool { return i%7 == 1 && i%3 == 0 }},
		{"q=R24", func(i int) bool { return i >= 240 }},
		{"q=%25", func(int) bool { return false }},
		{"q=_", func(int) bool { return false }},
		{"q=1.6.0&phase=paused", func(i int) bool { return i%5 == 0 }},
	} {
		for _, limit := range []string{"1000", "100", "7"} {
			q, err := url.ParseQuery(c.query + "&limit=" + limit)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := r.pages("reader", q, nil), only(c.keep); !slices.Equal(got, want) {
				t.Errorf("%s, %s at a time: %d rollouts, want %d\n%v", c.query, limit, len(got), len(want), got)
			}
			mine := func(i int) bool { return i%3 == 0 && c.keep(i) }
			if got, want := r.pages("staging", q, nil), only(mine); !slices.Equal(got, want) {
				t.Errorf("%s, %s at a time, in Staging alone: %d rollouts, want %d", c.query, limit, len(got), len(want))
			}
		}
	}
	n, now := 0, time.Now()
	grown := r.pages("reader", url.Values{"limit": {"20"}}, func() {
		r.begin(t, fmt.Sprintf("new%d", n), engine.Production, fmt.Sprintf("q%d", n), 1, now)
		r.write(t, fmt.Sprintf("r%03d", 5*n), 1, engine.Resumed) // which was paused
		n++
	})
	if !slices.Equal(grown, all) {
		t.Errorf("while others are started and change there are %d rollouts, want %d", len(grown), len(all))
	}
}

// TestCursorOfOthers goes on where somebody else's list ended: it opens nothing.
func TestCursorOfOthers(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.many(t)
	page := read[contract.RolloutPage](t, r.want(http.StatusOK, "operator", "GET", "/v1/rollouts?limit=10&environment=Production", "").Body)
	got := r.pages("staging", url.Values{"cursor": {page.Next}}, nil)
	if len(got) == 0 {
		t.Error("there is nothing behind the cursor")
	}
	for _, id := range got {
		if _, err := r.Client("staging").Show(t.Context(), id, false); err != nil {
			t.Errorf("%s is listed: %v", id, err)
		}
	}
	if rec := r.want(http.StatusOK, "staging", "GET", "/v1/rollouts?limit=500&q=production", ""); strings.Contains(rec.Body.String(), "Production") {
		t.Errorf("%s", rec.Body)
	}
}
