package server

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// What is kept for those who read page by page: about 200 MB of tenants at most, beside
// the list that came last.
const (
	mostItems = 2_000_000
	mostLists = 64
	keptFor   = 5 * time.Minute // after the last page that was asked for
)

// shelf keeps lists that are read page by page.
type shelf struct {
	now  func() time.Time
	name string // of this shelf: cursors of another process are none of this one

	mu    sync.Mutex
	last  int64 // number of the list that came last
	lists map[int64]*kept
}

// kept is a list on the shelf.
type kept struct {
	of    string // what it is a list of
	items any
	size  int
	used  time.Time
}

func newShelf(now func() time.Time) *shelf {
	return &shelf{now: now, name: rand.Text(), lists: map[int64]*kept{}}
}

// put keeps a list, and gives its first place.
func (s *shelf) put(of string, items any, size int) place {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.lists[s.last] = &kept{of, items, size, s.now()}
	s.clear()
	return place{s.last, items, 0}
}

// clear drops what nobody has read for long, and then what was read the longest time ago,
// until there is room. The list that came last stays.
func (s *shelf) clear() {
	now, items := s.now(), 0
	for n, l := range s.lists {
		if now.Sub(l.used) > keptFor {
			delete(s.lists, n)
			continue
		}
		items += l.size
	}
	for len(s.lists) > 1 && (items > mostItems || len(s.lists) > mostLists) {
		oldest := int64(0)
		for n, l := range s.lists {
			if n != s.last && (oldest == 0 || l.before(n, s.lists[oldest], oldest)) {
				oldest = n
			}
		}
		items -= s.lists[oldest].size
		delete(s.lists, oldest)
	}
}

// before says whether l, of a number, was read before another list: where both were read at
// the same time, whether it came before.
func (l *kept) before(n int64, other *kept, m int64) bool {
	return cmp.Or(l.used.Compare(other.used), cmp.Compare(n, m)) < 0
}

// place is where a cursor points: to an item of a list.
type place struct {
	list  int64
	items any
	from  int
}

// at finds what a cursor points to. of is what the list has to be of.
func (s *shelf) at(of, cursor string) (place, error) {
	name, rest, _ := strings.Cut(cursor, ".")
	list, from, ok := strings.Cut(rest, ".")
	n, err := strconv.ParseInt(list, 10, 64)
	at, unread := strconv.Atoi(from)
	if !ok || err != nil || unread != nil || at < 0 {
		return place{}, exchange.Refuse(contract.InvalidRequest, "%q is not a cursor of this list", cursor)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	l := s.lists[n]
	switch {
	case name != s.name || l == nil:
		return place{}, exchange.Refuse(contract.SnapshotExpired, "the list that the cursor is from is kept for %s after its last page was asked for, or as long as there is room", keptFor)
	case l.of != of || at >= l.size:
		return place{}, exchange.Refuse(contract.InvalidRequest, "%q is not a cursor of this list", cursor)
	}
	l.used = s.now()
	return place{n, l.items, at}, nil
}

// after is the cursor of what follows a page; "" where nothing does.
func (s *shelf) after(p place, page, size int) string {
	if p.from+page >= size {
		return ""
	}
	return fmt.Sprintf("%s.%d.%d", s.name, p.list, p.from+page)
}
