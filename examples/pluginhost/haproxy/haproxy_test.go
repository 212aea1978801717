package haproxy

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

func routed(id, slot string, port int, ready bool, versions ...string) wire.Routed {
	return wire.Routed{ID: id, Slot: slot, Address: fmt.Sprintf("127.0.0.1:%d", port), Ready: ready, Default: versions[0], Versions: versions}
}

// drawn is a table at random.
func drawn(r *rand.Rand, revision int64) wire.Table {
	t := wire.Table{Revision: revision, Pins: map[string]string{}}
	versions := []string{"1.5.0", "1.6.0", "1.7.0"}
	for n := range 12 {
		if r.IntN(4) > 0 {
			in := routed(fmt.Sprintf("instance-%02d", n), []string{"blue", "green"}[r.IntN(2)], 2000+100*n+r.IntN(2), r.IntN(4) > 0, versions[:1+r.IntN(3)]...)
			if r.IntN(10) == 0 {
				in.Default = ""
			}
			t.Instances = append(t.Instances, in)
		}
	}
	blue := float64(r.IntN(11) * 10)
	t.Routes = []wire.Route{{Slot: "blue", Percent: blue}, {Slot: "green", Percent: 100 - blue}}
	for n := range r.IntN(500) {
		t.Pins[fmt.Sprintf("tenant-%03d", n)] = versions[r.IntN(3)]
	}
	return t
}

// has holds what a HAProxy has against a table, by what a request would meet.
func (f *fake) has(p *Proxy, t *wire.Table) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	up := func(backend string) (addresses []string) {
		for _, s := range f.servers {
			if s.backend == backend && s.ready {
				addresses = append(addresses, s.address)
			}
		}
		slices.Sort(addresses)
		return addresses
	}
	want := func(takes func(in *wire.Routed) bool) (addresses []string) {
		for i := range t.Instances {
			if in := &t.Instances[i]; in.Ready && takes(in) {
				addresses = append(addresses, in.Address)
			}
		}
		slices.Sort(addresses)
		return addresses
	}
	pins, slots, shared := f.maps[p.path("pins.map")], f.maps[p.path("slots.map")], map[string]int{}
	for _, backend := range slots {
		shared[backend]++
	}
	for backend, of := range p.Backends() {
		got, wanted := up(backend), want(func(in *wire.Routed) bool { return slices.Contains(in.Versions, of) })
		if strings.HasPrefix(backend, "slot") {
			wanted = want(func(in *wire.Routed) bool { return in.Slot == of && in.Default != "" })
			for _, r := range t.Routes {
				if n := shared[backend]; r.Slot == of && (n < int(10*r.Percent)-60 || n > int(10*r.Percent)+60) {
					return fmt.Errorf("%d of 1,000 shares go to %s, of %g %%", n, of, r.Percent)
				}
			}
		}
		if !slices.Equal(got, wanted) {
			return fmt.Errorf("%s, which is %s, has %v and not %v", backend, of, got, wanted)
		}
	}
	for _, s := range f.servers { // nobody else takes requests
		if _, used := p.Backends()[s.backend]; s.ready && !used {
			return fmt.Errorf("%s of %s takes requests", s.name, s.backend)
		}
	}
	versions := map[string]string{}
	for tenant, value := range pins {
		backend, version, _ := strings.Cut(value, ":")
		if versions[tenant] = version; p.Backends()[backend] != version {
			return fmt.Errorf("%s is pinned to %s, whose backend is %s", tenant, version, backend)
		}
	}
	if !maps.Equal(versions, t.Pins) {
		return fmt.Errorf("%d tenants are pinned, and not %d", len(versions), len(t.Pins))
	}
	return nil
}

// TestTables: whatever table follows another, what HAProxy has then is that table; also where
// it went away in the middle of a change, or the manager did.
func TestTables(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := &Proxy{Dir: t.TempDir()}
		f := serve(t, p)
		ctx := context.Background()
		var in wire.Table
		for revision := range int64(12) {
			table := drawn(r, revision+1)
			if r.IntN(3) == 0 {
				f.mu.Lock()
				f.breaks = r.IntN(30)
				f.mu.Unlock()
				err := p.Apply(ctx, table)
				f.mu.Lock()
				broke := f.breaks == 0
				f.breaks = -1
				f.mu.Unlock()
				if broke && err == nil && f.has(p, &table) != nil {
					t.Fatalf("seed %d, revision %d: it went away, and nobody was told", seed, table.Revision)
				}
				if err == nil {
					in = table
				}
				if r.IntN(2) == 0 { // another manager finds what there is
					again := &Proxy{Dir: p.Dir}
					if err := again.Open(); err != nil {
						t.Fatal(err)
					}
					p = again
				}
				if got, err := p.Table(ctx); err != nil || !reflect.DeepEqual(got.Pins, in.Pins) && len(got.Pins)+len(in.Pins) > 0 || got.Revision != in.Revision {
					t.Fatalf("seed %d: revision %d is in force, and it says %d, %v", seed, in.Revision, got.Revision, err)
				}
				if in.Revision > 0 {
					if err := f.has(p, &in); err != nil {
						t.Fatalf("seed %d, back at revision %d: %v", seed, in.Revision, err)
					}
				}
			}
			if err := p.Apply(ctx, table); err != nil {
				t.Fatalf("seed %d, revision %d: %v", seed, table.Revision, err)
			}
			if err := f.has(p, &table); err != nil {
				t.Fatalf("seed %d, revision %d: %v", seed, table.Revision, err)
			}
			in = table
		}
	}
}

// TestOrder: those who come take requests before a map sends them some, and those who go take
// them until no map does any more. What is as it was is not said again.
func TestOrder(t *testing.T) {
	p := &Proxy{Dir: t.TempDir()}
	f := serve(t, p)
	apply := func(t1 wire.Table) []string {
		t.Helper()
		f.log = nil
		if err := p.Apply(context.Background(), t1); err != nil {
			t.Fatal(err)
		}
		return f.log
	}
	all := []wire.Route{{Slot: "blue", Percent: 100}}
	apply(wire.Table{Revision: 1, Instances: []wire.Routed{routed("one", "blue", 2001, true, "1.5.0")}, Routes: all})
	log := apply(wire.Table{
		Revision: 2, Routes: []wire.Route{{Slot: "green", Percent: 100}},
		Instances: []wire.Routed{routed("one", "blue", 2001, false, "1.5.0"), routed("two", "green", 2002, true, "1.6.0")},
	})
	at := func(part string) int {
		return slices.IndexFunc(log, func(c string) bool { return strings.Contains(c, part) })
	}
	come, commit, leave := at("slot2/server2 state ready"), at("commit map"), at("slot1/server1 state maint")
	if come < 0 || commit < come || leave < commit || at("pins.map") >= 0 {
		t.Errorf("%s", strings.Join(log, "\n"))
	}
	if log = apply(wire.Table{
		Revision: 3, Routes: []wire.Route{{Slot: "green", Percent: 100}},
		Instances: []wire.Routed{routed("one", "blue", 2001, false, "1.5.0"), routed("two", "green", 2002, true, "1.6.0")},
	}); len(log) > 0 {
		t.Errorf("what was so already was said again: %s", log)
	}
}

// TestRefused: what there is no room for is said before anything is changed.
func TestRefused(t *testing.T) {
	p := &Proxy{Dir: t.TempDir()}
	f := serve(t, p)
	table := func(more func(*wire.Table)) wire.Table {
		t1 := wire.Table{
			Revision: 1, Instances: []wire.Routed{routed("one", "blue", 2001, true, "1.5.0")},
			Routes: []wire.Route{{Slot: "blue", Percent: 100}}, Pins: map[string]string{},
		}
		more(&t1)
		return t1
	}
	for want, more := range map[string]func(*wire.Table){
		"more than 64 instances": func(t *wire.Table) {
			for n := range 64 {
				t.Instances = append(t.Instances, routed(fmt.Sprint("other-", n), "blue", 3000+n, true, "1.5.0"))
			}
		},
		"more than 4 slots": func(t *wire.Table) {
			for n := range 4 {
				t.Routes = append(t.Routes, wire.Route{Slot: fmt.Sprint("slot-", n)})
			}
		},
		"more than 8 versions that tenants are pinned to": func(t *wire.Table) {
			for n := range 9 {
				t.Pins[fmt.Sprint("tenant-", n)] = fmt.Sprintf("1.%d.0", n)
			}
		},
		`"tenant 7" begins with #, or has a blank`:         func(t *wire.Table) { t.Pins["tenant 7"] = "1.5.0" },
		`"tenant\nadd map" begins with #, or has a blank`:  func(t *wire.Table) { t.Pins["tenant\nadd map"] = "1.5.0" },
		`"#7" begins with #, or has a blank`:               func(t *wire.Table) { t.Pins["#7"] = "1.5.0" },
		"routes: they are 90 % in all, and have to be 100": func(t *wire.Table) { t.Routes[0].Percent = 90 },
		`the address of one, "nowhere", is no host:port`:   func(t *wire.Table) { t.Instances[0].Address = "nowhere" },
		"revision: 0 is below 1":                           func(t *wire.Table) { t.Revision = 0 },
	} {
		if err := p.Apply(context.Background(), table(more)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, and not %q", err, want)
		}
	}
	if len(f.log) > 0 {
		t.Errorf("HAProxy was told %s", f.log)
	}
	if err := p.Apply(context.Background(), table(func(t *wire.Table) { t.Revision = 5 })); err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(context.Background(), table(func(t *wire.Table) { t.Revision = 4 })); err == nil || !strings.Contains(err.Error(), "revision 4 is below 5") {
		t.Error(err)
	}
	long := &Proxy{Dir: filepath.Join("/tmp", strings.Repeat("x", 100))}
	if err := long.Write(filepath.Join(t.TempDir(), "haproxy.cfg")); err == nil || !strings.Contains(err.Error(), "the path of HAProxy's socket has") {
		t.Error(err)
	}
}

// TestConfig: HAProxy itself takes the configuration, of no table and of one.
func TestConfig(t *testing.T) {
	program, err := exec.LookPath("haproxy")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no haproxy on the PATH")
		}
		t.Skip("there is no haproxy on the PATH")
	}
	p := &Proxy{Dir: t.TempDir(), Listen: "127.0.0.1:18480", Metrics: "127.0.0.1:18481"}
	config := filepath.Join(p.Dir, "haproxy.cfg")
	for range 2 {
		if err := p.Write(config); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(program, "-c", "-f", config).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		next, err := p.now.with(drawn(rand.New(rand.NewPCG(1, 1)), 1))
		if err != nil {
			t.Fatal(err)
		}
		p.now = *next
	}
	text, err := os.ReadFile(p.path("pins.map"))
	if err != nil || !strings.Contains(string(text), "tenant-000 version") {
		t.Errorf("%.200s, %v", text, err)
	}
}
