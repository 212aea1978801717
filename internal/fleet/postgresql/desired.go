package postgresql

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// desired is what was asked for, as it is kept in the control database.
type desired struct {
	// Ordinal, Seq and Rollout are of the newest order that was taken.
	Ordinal int64  `json:"ordinal"`
	Seq     int64  `json:"seq"`
	Rollout string `json:"rollout"`
	// Servers are those that orders were about, by name.
	Servers map[string]*wanted `json:"servers"`
	// Pins are the versions that databases are held to, by tenant.
	Pins map[string]string `json:"pins"`
	// Own are versions that databases were given by hand, and that no default changes.
	Own map[string]string `json:"own"`
	// Asked are the changes that are not in effect yet, or could not be carried out.
	Asked map[target]*ask `json:"asked"`
}

// wanted is what a server is to have.
type wanted struct {
	Default   string   `json:"default"`             // of databases that are not pinned; "": as most of them have it
	Installed []string `json:"installed,omitempty"` // that were found to be there, sorted
}

// target is what a change is about: what, a colon, and a server or a tenant.
type target string

// What changes are about.
const (
	installing = "install" // a version is to be found on a server
	defaulting = "default" // all databases of a server that are not pinned are to have its default
	pinning    = "pin"     // a database is to have what it is pinned to, or else the default
)

func of(what, name string) target { return target(what + ":" + name) }

func (t target) split() (what, name string) {
	what, name, _ = strings.Cut(string(t), ":")
	return what, name
}

// server is the one that a target is on.
func (t target) server() string {
	_, name := t.split()
	server, _, _ := strings.Cut(name, "/")
	return server
}

// ask is a change that is not in effect yet.
type ask struct {
	Rollout string `json:"rollout"`
	Ordinal int64  `json:"ordinal"`
	Seq     int64  `json:"seq"`
	Version string `json:"version,omitempty"` // that is to be found
	Trouble string `json:"trouble,omitempty"` // why it could not be carried out; "": it is under way
}

// same says whether a and b are of one order.
func (a *ask) same(b *ask) bool {
	return a != nil && b != nil && a.Rollout == b.Rollout && a.Ordinal == b.Ordinal && a.Seq == b.Seq
}

func newDesired() *desired {
	return &desired{Servers: map[string]*wanted{}, Pins: map[string]string{}, Own: map[string]string{}, Asked: map[target]*ask{}}
}

// clone is a copy that shares nothing which changes.
func (d *desired) clone() *desired {
	c := *d
	c.Pins, c.Own = maps.Clone(d.Pins), maps.Clone(d.Own)
	c.Servers, c.Asked = map[string]*wanted{}, map[target]*ask{}
	for name, w := range d.Servers {
		c.Servers[name] = &wanted{w.Default, slices.Clone(w.Installed)}
	}
	for t, a := range d.Asked {
		own := *a
		c.Asked[t] = &own
	}
	return &c
}

// fence says whether an order is older than the newest, or the newest again.
func (d *desired) fence(o *engine.Order) (again bool, err error) {
	switch cmp.Or(cmp.Compare(o.Ordinal, d.Ordinal), cmp.Compare(o.Seq, d.Seq)) {
	case -1:
		return false, fmt.Errorf("%w: %s %d of the rollout with ordinal %d comes after %s %d of ordinal %d", engine.ErrSuperseded,
			o.Rollout, o.Seq, o.Ordinal, d.Rollout, d.Seq, d.Ordinal)
	case 0:
		return o.Rollout == d.Rollout, nil
	}
	return false, nil
}

// take changes what is asked for as an order says, which stands behind the fence.
func (d *desired) take(o *engine.Order, servers []string) {
	d.Ordinal, d.Seq, d.Rollout = o.Ordinal, o.Seq, o.Rollout
	v := o.Change.Version
	for _, name := range servers {
		w := d.Servers[name]
		switch o.Change.Kind {
		case engine.Install:
			d.ask(o, of(installing, name)).Version = v
		case engine.Activate, engine.Replace:
			w.Default = v
			if o.Change.Kind == engine.Replace {
				w.Installed = nil
			}
			w.hold(v)
			d.ask(o, of(defaulting, name))
		case engine.Remove:
			w.Installed = slices.DeleteFunc(w.Installed, func(have string) bool { return have == v })
			if a := d.Asked[of(installing, name)]; a != nil && a.Version == v {
				delete(d.Asked, of(installing, name))
			}
			if w.Default == v {
				w.Default = ""
			}
		}
	}
	d.takeTenants(o)
}

// takeTenants is take, of an order that is about databases.
func (d *desired) takeTenants(o *engine.Order) {
	for i := range o.Tenants {
		id := o.Tenants[i].ID
		switch {
		case !strings.Contains(id, "/") || d.Servers[of(pinning, id).server()] == nil:
			continue // it is not there, and never was
		case o.Change.Kind == engine.Pin:
			d.Pins[id] = o.Change.Version
		default:
			delete(d.Pins, id)
		}
		d.ask(o, of(pinning, id))
	}
}

// hold notes that a version was found on a server.
func (w *wanted) hold(version string) {
	if version == "" {
		return
	}
	if at, there := slices.BinarySearch(w.Installed, version); !there {
		w.Installed = slices.Insert(w.Installed, at, version)
	}
}

func (d *desired) ask(o *engine.Order, t target) *ask {
	a := &ask{Rollout: o.Rollout, Ordinal: o.Ordinal, Seq: o.Seq}
	d.Asked[t] = a
	return a
}

// version is what a database is to have.
func (d *desired) version(server, database string) string {
	if pin := d.pin(tenant(server, database)); pin != "" {
		return pin
	}
	if w := d.Servers[server]; w != nil {
		return w.Default
	}
	return ""
}

// pin is the version that a database is held to, by whomever; "": to none.
func (d *desired) pin(id string) string {
	if pin := d.Pins[id]; pin != "" {
		return pin
	}
	return d.Own[id]
}

// byHand notes which databases have a version that nobody asked for, and which have it no more.
func (d *desired) byHand(server, usual string, versions map[string]string) {
	for id := range d.Own {
		if name, database, _ := strings.Cut(id, "/"); name == server && versions[database] == "" {
			delete(d.Own, id)
		}
	}
	for database, v := range versions {
		id := tenant(server, database)
		switch {
		case d.Pins[id] != "" || d.Asked[of(pinning, id)] != nil || d.Asked[of(defaulting, server)] != nil:
		case v == usual:
			delete(d.Own, id)
		default:
			d.Own[id] = v
		}
	}
}

// open are the changes on a server that are to be carried out, in order.
func (d *desired) open(server string) (all []target) {
	for t, a := range d.Asked {
		if a.Trouble == "" && t.server() == server {
			all = append(all, t)
		}
	}
	slices.Sort(all)
	return all
}

// tenant is the id of a database.
func tenant(server, database string) string { return server + "/" + database }
