package engine

import (
	"fmt"
	"strings"
	"testing"
)

// TestReasonsOfBreakage: what is so for one reason is said once.
func TestReasonsOfBreakage(t *testing.T) {
	some := func(from, n int, why string) (list []Broken) {
		for i := range n {
			list = append(list, Broken{Target: fmt.Sprintf("i-%02d", from+i), Reason: why})
		}
		return list
	}
	own := func(from, n int, why string) (list []Broken) {
		for i := range n {
			name := fmt.Sprintf("i-%02d", from+i)
			list = append(list, some(from+i, 1, strings.ReplaceAll(why, "%s", name))...)
		}
		return list
	}
	each := func(n int) (list []Broken) {
		for i := range n {
			list = append(list, some(i, 1, fmt.Sprintf("why %d", i))...)
		}
		return list
	}
	for _, c := range []struct {
		count int
		list  []Broken
		want  string
	}{
		{1, some(1, 1, "no"), "i-01: no"},
		{3, some(1, 3, "no"), "i-01, i-02, i-03: no"},
		{2000, some(0, 100, "no"), "i-00, i-01, i-02, i-03, i-04, i-05, i-06, i-07, i-08, i-09 and 1990 more: no"},
		{3, append(some(1, 2, "no"), some(3, 1, "never")...), "i-01, i-02: no; i-03: never"},
		{5, append(some(1, 2, "no"), some(3, 1, "never")...), "i-01, i-02: no; i-03: never; and 2 more"},
		{4, nil, "4 without a name"},
		{3, own(1, 3, "server %s has no 9.9.9"), "i-01, i-02, i-03: server … has no 9.9.9"},
		{1, own(1, 1, "server %s has no 9.9.9"), "i-01: server i-01 has no 9.9.9"},
		{3, append(own(1, 2, "%s: no, says %s."), some(3, 1, "never, i-03")...), "i-01, i-02: …: no, says ….; i-03: never, i-03"},
		{2, []Broken{{Target: "i-1", Reason: "no room beside i-10"}, {Target: "i-2", Reason: "no room beside i-20"}}, "i-1: no room beside i-10; i-2: no room beside i-20"},
		{2, []Broken{{Target: "i-1", Reason: "no room beside i-2"}, {Target: "i-2", Reason: "no room beside i-2"}}, "i-1, i-2: no room beside i-2"},
		{2, []Broken{{Target: "", Reason: "no"}, {Target: "", Reason: "no"}}, ", : no"},
	} {
		b := breakage{c.count, c.list}
		if got := b.reasons(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	b := breakage{30, each(30)}
	if got := b.reasons(); !strings.HasPrefix(got, "i-00: why 0; ") || !strings.HasSuffix(got, "i-09: why 9; and 20 more") {
		t.Error(got)
	}
}
