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
