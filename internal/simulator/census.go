package simulator

import (
	"slices"
	"sort"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// census knows of the instances what would take long to ask of each, so that a change of
// a few costs in a large fleet what it costs in a small one. It is never saved.
type census struct {
	comings int64 // grows when an instance comes or leaves
	places  []place
	placed  int64 // when comings was so, places was made; places is nil before

	marks    []mark      // by serial number
	restless []*instance // see World.restless
	sorted   bool        // they are
	stirred  []*instance // changed since serving was counted last

	ran map[string]bool // versions that ever started on an instance
}

// mark says in which lists of a census an instance is.
type mark struct {
	restless, stirred, gone bool
	// What serving counted of it.
	serves, routed bool
	version        string // its default
}

// place is a slot with its instances, sorted by id.
type place struct {
	slot string
	all  []*instance
}

// recount makes the census of a world that was made or loaded.
func (w *World) recount() {
	w.census = census{ran: map[string]bool{}}
	for _, in := range w.Members {
		w.stir(in)
		for _, h := range in.Held {
			w.census.ran[h.Version] = w.census.ran[h.Version] || h.Ready
		}
	}
}

// stir notes that something of in changes: its phase, its versions, its work or its
// trouble.
func (w *World) stir(in *instance) {
	c := &w.census
	for int(in.Serial) >= len(c.marks) {
		c.marks = append(c.marks, mark{})
	}
	m := &c.marks[in.Serial]
	if !m.restless {
		m.restless = true
		c.sorted = c.sorted && (len(c.restless) == 0 || c.restless[len(c.restless)-1].ID < in.ID)
		c.restless = append(c.restless, in)
	}
	if !m.stirred {
		m.stirred = true
		c.stirred = append(c.stirred, in)
	}
}

// stirNamed does so with the instances of a list that are there.
func (w *World) stirNamed(ids []string) {
	for _, id := range ids {
		if in := w.instance(id); in != nil {
			w.stir(in)
		}
	}
}

// comes notes that in is there from now on.
func (w *World) comes(in *instance) {
	w.census.comings++
	w.stir(in)
}

// goes notes that in is there no longer.
func (w *World) goes(in *instance) {
	w.census.comings++
	w.census.marks[in.Serial].gone = true
}

// restless lists, sorted by id, the instances of which there is something to say: all
// others are ready, take traffic, are at no work and in no trouble, have not died of late,
// and no fault of their probes names them. The list holds until something changes.
func (w *World) restless() []*instance {
	c := &w.census
	if !c.sorted {
		slices.SortFunc(c.restless, byID)
		c.sorted = true
	}
	suspects := w.suspects()
	c.restless = slices.DeleteFunc(c.restless, func(in *instance) bool {
		rests := in.rests() && !slices.Contains(suspects, in.ID) || c.marks[in.Serial].gone
		if rests {
			c.marks[in.Serial].restless = false
		}
		return rests
	})
	return c.restless
}

func byID(a, b *instance) int { return strings.Compare(a.ID, b.ID) }

// rests says whether there is nothing to say of in but that it is ready.
func (in *instance) rests() bool {
	return in.Phase == ready && !in.Working && in.Wanted == "" && in.Trouble == "" && len(in.Deaths) == 0 && in.pending() == 0
}

// bySlot lists the slots that have instances, in the order of their first ones.
func (w *World) bySlot() []place {
	c := &w.census
	if c.places != nil && c.placed == c.comings {
		return c.places
	}
	c.places, c.placed = []place{}, c.comings
	for _, in := range w.Members {
		i := slices.IndexFunc(c.places, func(p place) bool { return p.slot == in.Slot })
		if i < 0 {
			i = len(c.places)
			c.places = append(c.places, place{slot: in.Slot})
		}
		c.places[i].all = append(c.places[i].all, in)
	}
	return c.places
}

// slot lists the instances of a slot, sorted by id. The list is not to be changed.
func (w *World) slot(name string) []*instance {
	for _, p := range w.bySlot() {
		if p.slot == name {
			return p.all
		}
	}
	return nil
}

// indexIn says where in all, which is sorted by id, in is.
func indexIn(all []*instance, in *instance) (int, bool) {
	return slices.BinarySearchFunc(all, in, byID)
}

// serving counts the instances that are ready and that traffic can reach.
type serving struct {
	version string
	routes  []engine.Route
	comings int64

	n      int            // that serve version; "": that have no default
	routed int            // all
	by     map[string]int // by their default
}

// count counts those that serve a version, see serving. It asks those that were stirred
// since it was asked last, where that was about the same version.
func (w *World) count(version string) *serving {
	c, s := &w.census, &w.serving
	if s.by == nil || s.version != version || s.comings != c.comings || !slices.Equal(s.routes, w.Routes) {
		*s = serving{version: version, routes: slices.Clone(w.Routes), comings: c.comings, by: map[string]int{}}
		for i := range c.marks {
			c.marks[i].serves, c.marks[i].routed = false, false
		}
		c.stirred = append(c.stirred[:0], w.Members...)
	}
	for _, in := range c.stirred {
		m := &c.marks[in.Serial]
		s.add(m, -1)
		m.routed = in.Phase == ready && w.percent(in.Slot) > 0
		m.serves, m.version, m.stirred = m.routed && in.serving(version), in.Default, false
		s.add(m, 1)
	}
	c.stirred = c.stirred[:0]
	return s
}

// add counts an instance in, or with -1 out, as it is marked.
func (s *serving) add(m *mark, n int) {
	if m.routed {
		s.routed, s.by[m.version] = s.routed+n, s.by[m.version]+n
	}
	if m.serves {
		s.n += n
	}
}

// serving says whether in has a version, which is ready to serve; "": it has no default.
func (in *instance) serving(version string) bool {
	return in.has(version) || version == "" && in.Default == ""
}

// readyOf is the instance that is number k, from 0 on, of those of all that are ready:
// out are the positions of the others, rising.
func readyOf(all []*instance, out []int, k int) *instance {
	before := sort.Search(len(out), func(i int) bool { return out[i]-i > k })
	return all[k+before]
}
