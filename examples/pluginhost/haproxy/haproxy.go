// Package haproxy has a HAProxy route like the host's own router: a recipe for those who have
// one.
//
// Its configuration is written once, with room for instances, slots and versions. From then on
// all is changed through its stats socket, without a reload: servers get addresses and are
// taken out and in, and two maps say who goes where. "pins" has the version of each pinned
// tenant, and "slots" the slot of each of a thousand shares of all tenants; each is replaced in
// one step (prepare map, add map, commit map).
package haproxy

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/router"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
)

// How much there is room for.
const (
	Servers  = 64 // instances
	Slots    = 4
	Versions = 8 // that tenants are pinned to
	Shares   = 1000
)

// Proxy is a HAProxy, by its folder. It may be used by several at once.
type Proxy struct {
	Dir     string // which exists, and is nobody else's
	Listen  string // host:port of requests
	Metrics string // host:port of its exporter

	mu   sync.Mutex
	now  state
	sure bool // now is what the running HAProxy has
}

// state is a table as HAProxy has it: which of its places stand for what.
type state struct {
	Table    wire.Table     `json:"table"`
	Servers  map[string]int `json:"servers"`  // place by instance, 1..Servers
	Slots    map[string]int `json:"slots"`    // place by slot, 1..Slots
	Versions map[string]int `json:"versions"` // place by version, 1..Versions
	// Left are who has left the places that nobody has now. Counters of HAProxy are those of
	// places: one goes to somebody else only where there is none that nobody had.
	Left struct {
		Servers  map[string]gone `json:"servers,omitempty"`
		Slots    map[string]gone `json:"slots,omitempty"`
		Versions map[string]gone `json:"versions,omitempty"`
	} `json:"left"`
}

// Open reads the table that is kept in the folder.
func (p *Proxy) Open() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, err := os.ReadFile(p.path("table.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p.now)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p.path("table.json"), err)
	}
	return nil
}

func (p *Proxy) path(name string) string { return filepath.Join(p.Dir, name) }

// Socket is that of HAProxy's runtime API.
func (p *Proxy) Socket() string { return p.path("haproxy.sock") }

// Write writes the configuration and both maps as they have to be now, for a HAProxy that is
// about to be started.
func (p *Proxy) Write(config string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.Socket()); n > 100 {
		return fmt.Errorf("--state: the path of HAProxy's socket has %d characters, and a system takes about 100: take a shorter one", n)
	}
	p.sure = true // it begins with this
	return errors.Join(
		durable.Write(config, []byte(p.config()), 0o600),
		durable.Write(p.path("pins.map"), []byte(lines(p.now.pins())), 0o600),
		durable.Write(p.path("slots.map"), []byte(lines(p.now.shares())), 0o600))
}

// Apply puts a table in force: servers that come, the maps, and servers that go, in this order.
func (p *Proxy) Apply(ctx context.Context, t wire.Table) error {
	if err := router.Check(&t); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.Revision < p.now.Table.Revision {
		return fmt.Errorf("revision %d is below %d, which is in force", t.Revision, p.now.Table.Revision)
	}
	next, err := p.now.with(t)
	if err != nil {
		return err
	}
	if err := p.bring(ctx, next); err != nil {
		p.sure = false
		return err
	}
	p.now, p.sure = *next, true
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return durable.Write(p.path("table.json"), text, 0o600)
}

// Table is the table in force. What an earlier manager may have begun to change is first
// brought to it.
func (p *Proxy) Table(ctx context.Context) (wire.Table, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.sure {
		if err := p.bring(ctx, &p.now); err != nil {
			return wire.Table{}, err
		}
		p.sure = true
	}
	_, err := p.say(ctx, "show info")
	return p.now.Table, err
}

// Backends says which version each of the version backends of its metrics stands for, and
// which slot each of the others.
func (p *Proxy) Backends() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now.backends()
}

// Counted says the same of those backends, too, whose version or slot has left: what they
// counted is still its.
func (p *Proxy) Counted() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	of := p.now.backends()
	for version, was := range p.now.Left.Versions {
		of[versionBackend(was.Place)] = version
	}
	for slot, was := range p.now.Left.Slots {
		of[slotBackend(was.Place)] = slot
	}
	return of
}

func (s *state) backends() map[string]string {
	of := map[string]string{}
	for version, n := range s.Versions {
		of[versionBackend(n)] = version
	}
	for slot, n := range s.Slots {
		of[slotBackend(n)] = slot
	}
	return of
}

func slotBackend(n int) string    { return fmt.Sprintf("slot%d", n) }
func versionBackend(n int) string { return fmt.Sprintf("version%d", n) }

// with is what s becomes by a table. Places stay with whoever had them, see [dealt].
func (s *state) with(t wire.Table) (*state, error) {
	ids, slots, versions := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, in := range t.Instances {
		ids[in.ID], slots[in.Slot] = true, true
	}
	for _, r := range t.Routes {
		slots[r.Slot] = true
	}
	var err [4]error
	for tenant, v := range t.Pins {
		versions[v] = true
		err[3] = errors.Join(err[3], inMap(tenant), inMap(v))
	}
	next := &state{Table: t}
	next.Servers, next.Left.Servers, err[0] = dealt{"instances", Servers, t.Revision}.places(s.Servers, s.Left.Servers, ids)
	next.Slots, next.Left.Slots, err[1] = dealt{"slots", Slots, t.Revision}.places(s.Slots, s.Left.Slots, slots)
	next.Versions, next.Left.Versions, err[2] = dealt{"versions that tenants are pinned to", Versions, t.Revision}.places(s.Versions, s.Left.Versions, versions)
	return next, errors.Join(err[:]...)
}

// inMap refuses what a map has no place for: its lines are a key, a blank and a value, and one that
// begins with # is a comment.
func inMap(text string) error {
	odd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if strings.HasPrefix(text, "#") || strings.ContainsFunc(text, odd) {
		return fmt.Errorf("pins: %q begins with #, or has a blank or a control character, for which HAProxy's maps have no place", text)
	}
	return nil
}

// server is a place in a backend, and who has it; address "": nobody.
type server struct {
	backend, name, address string
	ready                  bool
}

// servers are all places of all backends.
func (s *state) servers() (all []server) {
	at := map[int]*wire.Routed{}
	for i := range s.Table.Instances {
		in := &s.Table.Instances[i]
		at[s.Servers[in.ID]] = in
	}
	slots, versions := turned(s.Slots), turned(s.Versions)
	for n := 1; n <= Slots+Versions; n++ {
		for place := 1; place <= Servers; place++ {
			in := at[place]
			one := server{backend: slotBackend(n), name: fmt.Sprintf("server%d", place)}
			if n > Slots {
				one.backend = versionBackend(n - Slots)
			}
			if in != nil {
				one.address = in.Address
				if n <= Slots {
					one.ready = in.Ready && in.Slot == slots[n] && in.Default != ""
				} else {
					one.ready = in.Ready && slices.Contains(in.Versions, versions[n-Slots])
				}
			}
			all = append(all, one)
		}
	}
	return all
}

func turned(of map[string]int) map[int]string {
	by := map[int]string{}
	for name, n := range of {
		by[n] = name
	}
	return by
}

// entry is a line of a map.
type entry struct{ key, value string }

// pins are the versions of the tenants that are pinned, with the backend before them.
func (s *state) pins() (all []entry) {
	for tenant, version := range s.Table.Pins {
		all = append(all, entry{tenant, versionBackend(s.Versions[version]) + ":" + version})
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	return all
}

// shares are the slots of all shares, by the hash of the host's router: when percentages
// change, only the shares move that need to.
func (s *state) shares() (all []entry) {
	plan := router.NewPlan(wire.Table{Routes: s.Table.Routes})
	for n := range Shares {
		slot := plan.SlotOf(fmt.Sprintf("share-%d", n))
		all = append(all, entry{fmt.Sprint(n), slotBackend(max(1, s.Slots[slot]))})
	}
	return all
}

func lines(entries []entry) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s %s\n", e.key, e.value)
	}
	return b.String()
}
