package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// world is a plugin in an environment: what there is, and what is being done to it.
type world struct {
	environment, plugin, bad, order string // order is the newest one, of number newest: its ordinal and seq
	newest                          [2]int
	takes                           time.Duration
	instances                       []*instance // by id
	tenants                         []string    // by id
	pins                            map[string]string
	lists                           map[string][]byte // of targets, by digest
	rollouts                        []*rollout        // by ordinal
	served                          []second          // the traffic up to counted
	counted, now                    time.Time         // now is that of the request
}

// instance is a copy of the application. What it was last asked to become takes effect at
// due; until then, one that restarts takes no traffic.
type instance struct {
	id, version, rollout string
	installed            []string
	change               func(*instance)
	due                  time.Time
	restarts             bool
}

// second is what a version served in one.
type second struct {
	at               time.Time
	version          string
	requests, errors int
}

func newWorld(environment, plugin string, now time.Time, takes time.Duration, bad string) *world {
	w := &world{environment: environment, plugin: plugin, takes: takes, bad: bad, pins: map[string]string{}, lists: map[string][]byte{}}
	for n := range 40 {
		w.tenants = append(w.tenants, fmt.Sprintf("tenant-%02d", n+1))
	}
	for n := range 4 {
		w.instances = append(w.instances, &instance{id: fmt.Sprintf("app-%d", n+1), version: "1.0.0", installed: []string{"1.0.0"}})
	}
	w.counted = now.Add(-10 * time.Minute) // so that there is some traffic to look at
	return w
}

func (i *instance) ready() bool             { return i.change == nil || !i.restarts }
func (i *instance) has(version string) bool { return slices.Contains(i.installed, version) }

// hold makes i hold a version, or not any more, and serve another one by default.
func (i *instance) hold(version string, held bool, byDefault string) {
	i.installed = slices.DeleteFunc(slices.Clone(i.installed), func(v string) bool { return v == version })
	if held {
		i.installed = append(i.installed, version)
		slices.Sort(i.installed)
	}
	i.version = byDefault
}

// advance lets time pass: each tenant sends ten requests in each second, and what is due
// takes effect. Whoever is pinned is served by that version, and the others by whom they
// land on. About a day of it is kept.
func (w *world) advance(now time.Time) {
	w.now = now
	for ; !w.counted.After(now); w.counted = w.counted.Add(time.Second) {
		served := map[string]*second{}
		for n, tenant := range w.tenants {
			at := n + int(w.counted.Unix())
			version := w.instances[at%len(w.instances)].version
			if pin := w.pins[tenant]; pin != "" && slices.ContainsFunc(w.instances, func(i *instance) bool { return i.has(pin) }) {
				version = pin
			}
			s := cmp.Or(served[version], &second{at: w.counted, version: version})
			served[version] = s
			s.requests += 10
			s.errors += w.fails(at, version)
		}
		for _, s := range served {
			w.served = append(w.served, *s)
		}
	}
	w.served = w.served[max(0, len(w.served)-200_000):]
	for _, i := range w.instances {
		if i.change != nil && !i.due.After(now) {
			i.change(i)
			i.change = nil
		}
	}
}

// fails is how many of ten requests do.
func (w *world) fails(at int, version string) int {
	switch {
	case version == "" || at%20 == 0 && version != w.bad:
		return 1
	case version == w.bad:
		return 3
	default:
		return 0
	}
}

func (w *world) describe(http.ResponseWriter, *http.Request) (int, object) {
	versions, sorted := []object{}, slices.SortedFunc(slices.Values(w.instances), func(a, b *instance) int { return cmp.Compare(a.version, b.version) })
	for at, i := range sorted {
		if at == 0 || sorted[at-1].version != i.version {
			versions = append(versions, object{"slot": "main", "version": i.version, "instances": 0, "ready": 0})
		}
		v := versions[len(versions)-1]
		if v["instances"] = v["instances"].(int) + 1; i.ready() {
			v["ready"] = v["ready"].(int) + 1
		}
	}
	return 200, object{
		"environment": w.environment, "plugin": w.plugin, "routes": []object{{"slot": "main", "percent": 100}}, "versions": versions,
		"spare": 0, "requestsPerSecond": 10 * len(w.tenants), "capabilities": object{"can": []string{"journal", "traffic", "side_by_side", "tenants"}},
	}
}

// page is a page of a sorted list. The cursor is the last id of the page before.
func page[T any](r *http.Request, list []T, tell func(T) object) (int, object) {
	limit, cursor, items := number(r, "limit", 1, 1000), r.URL.Query().Get("cursor"), []object{}
	from := slices.IndexFunc(list, func(one T) bool { return tell(one)["id"] == cursor }) + 1
	must(cursor == "" || from > 0, "invalid-request", "the cursor is none of this list")
	for _, one := range list[from:min(from+min(limit, 1000), len(list))] {
		items = append(items, tell(one))
	}
	if o := (object{"items": items}); from+len(items) == len(list) {
		return 200, o
	}
	return 200, object{"items": items, "next": items[len(items)-1]["id"]}
}

func (w *world) listInstances(_ http.ResponseWriter, r *http.Request) (int, object) {
	return page(r, w.instances, func(i *instance) object {
		return object{"id": i.id, "slot": "main", "installed": i.installed, "default": i.version, "ready": i.ready()}
	})
}

func (w *world) listTenants(_ http.ResponseWriter, r *http.Request) (int, object) {
	return page(r, w.tenants, func(id string) object { return object{"id": id, "weight": 1, "pin": w.pins[id]} })
}

func (w *world) putTargets(_ http.ResponseWriter, r *http.Request) (int, object) {
	list, status := body(r, "application/x-ndjson", 1<<30), 201
	digest := sha256.Sum256(list)
	must(hex.EncodeToString(digest[:]) == r.PathValue("digest"), "targets-differ", "the list has another digest")
	if w.lists[r.PathValue("digest")] != nil {
		status = 200
	}
	w.lists[r.PathValue("digest")] = list // for ever: a real fleet drops those that no rollout refers to any more
	return status, object{}
}

func (w *world) getTargets(rw http.ResponseWriter, r *http.Request) (int, object) {
	must(w.lists[r.PathValue("digest")] != nil, "not-found", "there is no such list")
	rw.Header().Set("Content-Type", "application/x-ndjson")
	_, _ = rw.Write(w.lists[r.PathValue("digest")]) // whoever does not read it has gone
	return 0, nil
}

// span are places in a list of targets, counted among those of one kind.
type span struct{ From, To int }

func (w *world) at(s span, digest, kind string) (ids []string) {
	if s == (span{}) {
		return nil
	}
	must(w.lists[digest] != nil, "targets-missing", "there is no list "+digest)
	for line := range bytes.Lines(w.lists[digest]) {
		target := map[string]any{}
		_ = json.Unmarshal(line, &target) // what is no target has no name
		if id, ok := target[kind].(string); ok {
			ids = append(ids, id)
		}
	}
	must(0 <= s.From && s.From <= s.To && s.To <= len(ids), "invalid-request", "these places are not in the list")
	return ids[s.From:s.To]
}
