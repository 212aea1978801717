package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// order is a change of targets, which are places in a list or named.
type order struct {
	Ordinal int
	Targets string
	Except  []string
	Change  struct {
		Kind, Version      string
		Instances, Tenants span
		Named              []string
	}
}

// chosen are the instances that are there out of some, each once, without others.
func (w *world) chosen(some, without []string) []*instance {
	return slices.DeleteFunc(slices.Clone(w.instances), func(i *instance) bool { return !slices.Contains(some, i.id) || slices.Contains(without, i.id) })
}

// putOrder takes an order: it is checked and noted, and carried out by and by.
func (w *world) putOrder(_ http.ResponseWriter, r *http.Request) (int, object) {
	o := read[order](r)
	seq, err := strconv.Atoi(r.PathValue("seq"))
	must(err == nil && seq >= 0 && o.Ordinal > 0 && o.Change.Kind != "", "invalid-request", "an ordinal, a seq and a kind are wanted here")
	number, said := [2]int{o.Ordinal, seq}, fmt.Sprintf("%s %+v", r.PathValue("rollout"), o)
	must(slices.Compare(number[:], w.newest[:]) >= 0, "superseded", fmt.Sprintf("there was order %d of ordinal %d", w.newest[1], w.newest[0]))
	must(number != w.newest || said == w.order, "order-differs", "another order had this number")
	if number == w.newest {
		return 202, object{}
	}
	must(slices.Contains([]string{"install", "activate", "remove", "replace", "pin", "unpin"}, o.Change.Kind), "refused", "there is no "+o.Change.Kind+" here")
	instances := w.chosen(append(w.at(o.Change.Instances, o.Targets, "instance"), o.Change.Named...), o.Except)
	tenants := w.at(o.Change.Tenants, o.Targets, "tenant")
	w.newest, w.order = number, said // from here on it is taken; a real fleet writes this down
	for _, id := range tenants {
		if delete(w.pins, id); o.Change.Kind == "pin" && slices.Contains(w.tenants, id) {
			w.pins[id] = o.Change.Version
		}
	}
	for _, i := range instances { // what i was asked for before is not wanted any more
		i.rollout, i.change, i.due, i.restarts = r.PathValue("rollout"), nil, w.now.Add(w.takes), o.Change.Kind == "replace"
		i.become(o.Change.Kind, o.Change.Version)
	}
	return 202, object{}
}

// become has i become what an order says: at once, or when it is due.
func (i *instance) become(kind, version string) {
	switch {
	case kind == "install" && !i.has(version):
		i.change = func(i *instance) { i.hold(version, true, i.version) }
	case kind == "replace" && i.version != version:
		i.change = func(i *instance) { i.hold(i.version, false, ""); i.hold(version, true, version) }
	case kind == "activate":
		i.version = version
	case kind == "remove" && i.version == version:
		i.hold(version, false, "")
	case kind == "remove":
		i.hold(version, false, i.version)
	}
}

// condition says what became of a rollout's orders, and how the watched instances are.
func (w *world) condition(_ http.ResponseWriter, r *http.Request) (int, object) {
	q := read[struct {
		Candidate, Targets, Slot string
		Instances                span
		Named, Except            []string
	}](r)
	some, pending, ready := append(w.at(q.Instances, q.Targets, "instance"), q.Named...), 0, 0
	for _, i := range w.instances {
		if i.rollout == r.PathValue("rollout") && i.change != nil {
			pending++
		}
		if q.Slot == "main" {
			some = append(some, i.id)
		}
	}
	watched := w.chosen(some, q.Except)
	for _, i := range watched {
		if i.ready() {
			ready++
		}
	}
	return 200, object{
		"exposed": w.exposed(q.Candidate), "pending": pending, "brokenCount": 0, "watched": len(watched), "ready": ready, "unproven": 0, "failing": 0,
		"smoke": object{"running": 0, "passed": 0, "failed": 0},
	}
}

// exposed is whom a version reaches.
func (w *world) exposed(version string) object {
	able, byDefault, reached := 0, 0, 0
	for _, i := range w.instances {
		if i.ready() && (i.has(version) || version == "" && i.version == "") {
			able++
		}
		if i.version == version {
			byDefault++
		}
	}
	for n, id := range w.tenants {
		if pin := w.pins[id]; pin == version && pin != "" || pin == "" && n%len(w.instances) < byDefault {
			reached++
		}
	}
	return object{"tenants": reached, "instances": able, "share": 100 * float64(reached) / float64(len(w.tenants))}
}

// measure counts what a version served in a time, and everything else.
func (w *world) measure(_ http.ResponseWriter, r *http.Request) (int, object) {
	q := read[struct {
		Version, Targets string
		From, To         time.Time
		Instances        span
	}](r)
	must(!q.From.IsZero() && !q.To.Before(q.From), "invalid-request", "from and to are wanted here, in this order")
	w.at(q.Instances, q.Targets, "instance") // has to be there, although all instances are counted
	arms := [2]object{{"requests": 0, "errors": 0, "timeouts": 0}, {"requests": 0, "errors": 0, "timeouts": 0}}
	for _, s := range w.served {
		if arm := arms[0]; !s.at.Before(q.From) && s.at.Before(q.To) {
			if s.version != q.Version || s.version == "" {
				arm = arms[1]
			}
			arm["requests"], arm["errors"], arm["newest"] = arm["requests"].(int)+s.requests, arm["errors"].(int)+s.errors, s.at.UTC()
		}
	}
	return 200, object{"candidate": arms[0], "baseline": arms[1]}
}
