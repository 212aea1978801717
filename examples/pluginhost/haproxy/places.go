package haproxy

import (
	"cmp"
	"fmt"
	"slices"
)

// gone is a place that somebody left.
type gone struct {
	Place int   `json:"place"`
	Since int64 `json:"since"` // revision of the table that knows of it first
}

// dealt is how places 1..most are given away by a table of a revision.
type dealt struct {
	what     string
	most     int
	revision int64
}

// places gives everybody who is there a place: who has one keeps it, and who comes back gets its
// own, as long as nobody else had to take it. The others get places that nobody had, and after
// those the ones that were left first.
func (d dealt) places(had map[string]int, left map[string]gone, there map[string]bool) (has map[string]int, leaves map[string]gone, err error) {
	has, leaves = map[string]int{}, map[string]gone{}
	for name, was := range left {
		if there[name] {
			has[name] = was.Place
		} else {
			leaves[name] = was
		}
	}
	for name, n := range had {
		if there[name] {
			has[name] = n
		} else {
			leaves[name] = gone{n, d.revision}
		}
	}
	var fresh []string
	for name := range there {
		if has[name] == 0 {
			fresh = append(fresh, name)
		}
	}
	slices.Sort(fresh)
	free := d.free(has, leaves)
	if len(fresh) > len(free) {
		return nil, nil, fmt.Errorf("there are more than %d %s, for which HAProxy's configuration has no room", d.most, d.what)
	}
	for i, name := range fresh {
		has[name] = free[i].Place
		for other, was := range leaves {
			if was.Place == free[i].Place {
				delete(leaves, other)
			}
		}
	}
	return has, leaves, nil
}

// free are the places that nobody has, in the order in which they are given away.
func (d dealt) free(has map[string]int, left map[string]gone) (free []gone) {
	taken, since := map[int]bool{}, map[int]int64{}
	for _, n := range has {
		taken[n] = true
	}
	for _, was := range left {
		since[was.Place] = was.Since
	}
	for n := 1; n <= d.most; n++ {
		if !taken[n] {
			free = append(free, gone{n, since[n]})
		}
	}
	slices.SortStableFunc(free, func(a, b gone) int { return cmp.Compare(a.Since, b.Since) })
	return free
}
