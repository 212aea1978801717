package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// world is a plugin in an environment: what there is, and what is being done to it.
type world struct {
	sync.Mutex
	environment, plugin, bad string
	takes                    time.Duration
	instances                []*instance // by id
	tenants                  []string    // by id
	pins                     map[string]string
	lists                    map[string][]byte // of targets, by digest
	rollouts                 []*rollout        // by ordinal
	newest                   [2]int64          // ordinal and seq of the newest order
	order                    string            // and what it was
	counted                  time.Time         // until when, see traffic.go
	seconds                  []second
}

// instance is a copy of the application. What it is to become, and at whose word, takes
// effect at due; meanwhile one that restarts takes no traffic.
type instance struct {
	id, version, rollout, broken string
	installed                    []string
	change                       func(*instance)
	due                          time.Time
	restarts                     bool
}

func (i *instance) ready() bool { return i.change == nil || !i.restarts }

// bring puts a version on i, or takes it away.
func (i *instance) bring(version string, there bool) {
	i.installed = slices.DeleteFunc(slices.Clone(i.installed), func(v string) bool { return v == version })
	if there && version != "" {
		i.installed = append(i.installed, version)
		slices.Sort(i.installed)
	} else if i.version == version {
		i.version = ""
	}
}

func newWorld(environment, plugin string, takes time.Duration, bad string) *world {
	w := &world{environment: environment, plugin: plugin, takes: takes, bad: bad, pins: map[string]string{}, lists: map[string][]byte{}}
	for n := range 4 {
		w.instances = append(w.instances, &instance{id: fmt.Sprintf("app-%d", n+1), version: "1.0.0", installed: []string{"1.0.0"}})
	}
	for n := range 40 {
		w.tenants = append(w.tenants, fmt.Sprintf("tenant-%02d", n+1))
	}
	w.counted = time.Now().Add(-10 * time.Minute).Truncate(time.Second) // so that there is some traffic to look at
	return w
}

// describe tells what the fleet is as a whole. It has no second slot, so all traffic goes
// to the one that there is.
func (w *world) describe(http.ResponseWriter, *http.Request) (int, object) {
	counts, ready := map[string]int{}, map[string]int{}
	for _, i := range w.instances {
		counts[i.version]++
		if i.ready() {
			ready[i.version]++
		}
	}
	versions := []object{}
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		versions = append(versions, object{"slot": "main", "version": v, "instances": counts[v], "ready": ready[v]})
	}
	return 200, object{
		"environment": w.environment, "plugin": w.plugin, "routes": []object{{"slot": "main", "percent": 100}}, "versions": versions,
		"spare": 0, "requestsPerSecond": len(w.tenants), "capabilities": object{"can": []string{"journal", "traffic", "side_by_side", "tenants"}},
	}
}

// page is a page of a sorted list. The cursor is the last id of the page before: whatever
// joins or leaves meanwhile, what stays is on exactly one page.
func page(r *http.Request, ids []string, item func(at int) object) (int, object) {
	limit, cursor := number(r, "limit", 1, 1000), r.URL.Query().Get("cursor")
	from, found := slices.BinarySearch(ids, cursor)
	must(cursor == "" || found, "invalid-request", "the cursor is none of this list")
	if found {
		from++
	}
	to, items := min(from+int(min(limit, 1000)), len(ids)), []object{}
	for at := from; at < to; at++ {
		items = append(items, item(at))
	}
	if to < len(ids) {
		return 200, object{"items": items, "next": ids[to-1]}
	}
	return 200, object{"items": items}
}

func (w *world) listInstances(_ http.ResponseWriter, r *http.Request) (int, object) {
	ids := []string{}
	for _, i := range w.instances {
		ids = append(ids, i.id)
	}
	return page(r, ids, func(at int) object {
		i := w.instances[at]
		return object{"id": i.id, "slot": "main", "installed": i.installed, "default": i.version, "ready": i.ready()}
	})
}

func (w *world) listTenants(_ http.ResponseWriter, r *http.Request) (int, object) {
	return page(r, w.tenants, func(at int) object {
		o := object{"id": w.tenants[at], "weight": 1}
		if pin := w.pins[w.tenants[at]]; pin != "" {
			o["pin"] = pin
		}
		return o
	})
}

func (w *world) putTargets(_ http.ResponseWriter, r *http.Request) (int, object) {
	list, digest := body(r, "application/x-ndjson", 1<<30), r.PathValue("digest")
	sum := sha256.Sum256(list)
	must(hex.EncodeToString(sum[:]) == digest, "targets-differ", "the list has the digest "+hex.EncodeToString(sum[:]))
	if w.lists[digest] != nil {
		return 200, object{}
	}
	w.lists[digest] = list // for ever: a real fleet drops those that no rollout refers to any more
	return 201, object{}
}

func (w *world) getTargets(rw http.ResponseWriter, r *http.Request) (int, object) {
	list := w.lists[r.PathValue("digest")]
	must(list != nil, "not-found", "there is no such list")
	rw.Header().Set("Content-Type", "application/x-ndjson")
	_, _ = rw.Write(list) // whoever does not read it has gone
	return 0, nil
}

// span are places in a list of targets.
type span struct{ From, To int }

// among are the names of one kind that stand at the places of s in a list.
func (w *world) among(digest, kind string, s span) (ids []string) {
	if s == (span{}) {
		return nil
	}
	list, ok := w.lists[digest]
	must(ok, "targets-missing", "there is no list "+digest)
	for line := range bytes.Lines(list) {
		var target map[string]any
		_ = json.Unmarshal(line, &target) // what is no target has no name
		if id, ok := target[kind].(string); ok {
			ids = append(ids, id)
		}
	}
	must(0 <= s.From && s.From <= s.To && s.To <= len(ids), "invalid-request", fmt.Sprintf("places %d to %d are not in a list of %d", s.From, s.To, len(ids)))
	return ids[s.From:s.To]
}

// chosen are the instances that are there out of some, each once, without others.
func (w *world) chosen(in, without []string) (chosen []*instance) {
	for _, i := range w.instances {
		if slices.Contains(in, i.id) && !slices.Contains(without, i.id) {
			chosen = append(chosen, i)
		}
	}
	return chosen
}

func (w *world) putOrder(_ http.ResponseWriter, r *http.Request) (int, object) {
	o := read[struct {
		Ordinal  int64
		Targets  string
		Except   []string
		Change   struct {
			Kind, Version      string
			Instances, Tenants span
			Named              []string
		}
	}](r)
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	must(err == nil && seq >= 0 && o.Ordinal > 0 && o.Change.Kind != "", "invalid-request", "an ordinal, a seq and a kind are wanted here")
	c, said := o.Change, fmt.Sprintf("%s %+v", r.PathValue("rollout"), o)
	at := [2]int64{o.Ordinal, seq}
	must(slices.Compare(at[:], w.newest[:]) >= 0, "superseded", fmt.Sprintf("there was order %d of ordinal %d", w.newest[1], w.newest[0]))
	if at == w.newest {
		must(said == w.order, "order-differs", "another order had this number")
		return 202, object{}
	}
	instances, tenants := w.chosen(append(w.among(o.Targets, "instance", c.Instances), c.Named...), o.Except), w.among(o.Targets, "tenant", c.Tenants)
	kinds := map[string]func(*instance){ // and how an instance is when it is done
		"install": func(i *instance) { i.bring(c.Version, true) }, "remove": func(i *instance) { i.bring(c.Version, false) },
		"activate": func(i *instance) { i.version = c.Version },
		"replace":  func(i *instance) { i.bring(i.version, false); i.bring(c.Version, true); i.version = c.Version },
		"pin":      nil, "unpin": nil,
	}
	change, ok := kinds[c.Kind]
	must(ok, "refused", "there is no "+c.Kind+" here")
	w.newest, w.order = at, said // from here on it is taken
	for _, id := range tenants {
		if w.pins[id] = c.Version; c.Kind == "unpin" || !slices.Contains(w.tenants, id) {
			delete(w.pins, id)
		}
	}
	for _, i := range instances {
		w.ask(i, r.PathValue("rollout"), c.Kind, c.Version, change)
	}
	return 202, object{}
}

// ask has a change begin on an instance, in place of what is not done yet.
func (w *world) ask(i *instance, rollout, kind, version string, change func(*instance)) {
	has := slices.Contains(i.installed, version)
	i.rollout, i.broken, i.change, i.due, i.restarts = rollout, "", nil, time.Now(), kind == "replace"
	switch {
	case kind == "install" && has, kind == "replace" && has && i.version == version, kind == "activate" && i.version == version, kind == "remove" && !has:
	case kind == "activate" && version != "" && !has:
		i.broken = version + " is not installed"
	case kind == "activate", kind == "remove":
		change(i)
	default:
		i.change, i.due = change, time.Now().Add(w.takes)
	}
}

func (w *world) condition(_ http.ResponseWriter, r *http.Request) (int, object) {
	q := read[struct {
		Candidate, Targets, Slot string
		Instances                span
		Named, Except            []string
	}](r)
	in := append(w.among(q.Targets, "instance", q.Instances), q.Named...)
	pending, ready, serving, defaults := 0, 0, 0, 0
	broken, ailing := []object{}, []object{}
	for _, i := range w.instances {
		if i.rollout == r.PathValue("rollout") && i.change != nil {
			pending++
		}
		if i.rollout == r.PathValue("rollout") && i.broken != "" {
			broken = append(broken, object{"target": i.id, "reason": i.broken})
		}
		if i.ready() && (slices.Contains(i.installed, q.Candidate) || q.Candidate == "" && i.version == "") {
			serving++
		}
		if i.ready() && i.version == q.Candidate {
			defaults++
		}
		if q.Slot == "main" {
			in = append(in, i.id)
		}
	}
	watched := w.chosen(in, q.Except)
	for _, i := range watched {
		if i.ready() {
			ready++
		} else if len(ailing) < 100 {
			ailing = append(ailing, object{"instance": i.id, "ready": false, "failures": 0, "reason": "it restarts"})
		}
	}
	pinned, free := 0, 0
	for _, id := range w.tenants {
		switch cmp.Or(w.pins[id], "-") {
		case q.Candidate:
			pinned++
		case "-":
			free++
		}
	}
	reached := pinned + free*defaults/len(w.instances)
	return 200, object{
		"exposed": object{"tenants": reached, "instances": serving, "share": 100 * float64(reached) / float64(len(w.tenants))},
		"pending": pending, "brokenCount": len(broken), "broken": broken[:min(len(broken), 100)], "watched": len(watched), "ready": ready,
		"unproven": 0, "failing": 0, "ailing": ailing, "smoke": object{"running": 0, "passed": 0, "failed": 0},
	}
}
