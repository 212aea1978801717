package router

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// tableOf has n instances of slot blue with 1.5.0, and of slot green with 1.6.0.
func tableOf(n int, green float64) wire.Table {
	t := wire.Table{Revision: 1, Routes: []wire.Route{{Slot: "blue", Percent: 100 - green}, {Slot: "green", Percent: green}}}
	for i := range n {
		t.Instances = append(t.Instances,
			wire.Routed{ID: fmt.Sprintf("blue-%02d", i), Slot: "blue", Address: "127.0.0.1:1", Ready: true, Default: "1.5.0", Versions: []string{"1.5.0"}},
			wire.Routed{ID: fmt.Sprintf("green-%02d", i), Slot: "green", Address: "127.0.0.1:1", Ready: true, Default: "1.6.0", Versions: []string{"1.6.0"}})
	}
	return t
}

const many = 20_000

func tenantOf(i int) string { return fmt.Sprintf("tenant-%05d", i) }

// TestShares moves a slot up and down: its share is what was asked for, and nobody moves
// who need not.
func TestShares(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 14))
	last, before := 0.0, make([]string, many)
	steps := []float64{0, 10, 30, 50, 100}
	for range 20 {
		steps = append(steps, math.Round(r.Float64()*1000)/10)
	}
	for step, percent := range steps {
		p := NewPlan(tableOf(10, percent))
		green := 0
		for i := range many {
			in, _ := p.Choose(tenantOf(i), nil)
			if in.Slot == "green" {
				green++
			}
			if step > 0 && before[i] != in.ID {
				if from := before[i][:4] == "blue"; from != (percent > last) || strings.HasPrefix(before[i], in.Slot) {
					t.Fatalf("from %g to %g %%: %s moves from %s to %s", last, percent, tenantOf(i), before[i], in.ID)
				}
			}
			before[i] = in.ID
		}
		got, sigma := 100*float64(green)/many, 100*math.Sqrt(percent/100*(1-percent/100)/many)
		if math.Abs(got-percent) > 5*sigma+1e-9 {
			t.Errorf("%g %% of the tenants go to green, and %g %% were asked for (sigma %g)", got, percent, sigma)
		}
		last = percent
	}
}

// TestLeaving takes random instances out and in: only tenants of those that left move, and
// they come back.
func TestLeaving(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 14))
	whole := NewPlan(tableOf(20, 0))
	for range 50 {
		table := tableOf(20, 0)
		gone := map[string]bool{}
		for range 1 + r.IntN(5) {
			i := 2 * r.IntN(20)
			table.Instances[i].Ready = false
			gone[table.Instances[i].ID] = true
		}
		p, moved := NewPlan(table), 0
		for i := range 2000 {
			was, _ := whole.Choose(tenantOf(i), nil)
			is, _ := p.Choose(tenantOf(i), nil)
			if gone[is.ID] || was.ID != is.ID && !gone[was.ID] {
				t.Fatalf("%s moves from %s to %s, and %v left", tenantOf(i), was.ID, is.ID, gone)
			}
			if was.ID != is.ID {
				moved++
			}
		}
		if want := 2000 * len(gone) / 20; moved < want/2 || moved > 2*want {
			t.Errorf("%d of 2000 tenants moved when %d of 20 instances left", moved, len(gone))
		}
	}
}

func TestPins(t *testing.T) {
	table := tableOf(2, 0)
	table.Pins = map[string]string{"a": "1.6.0", "b": "9.9.9", "c": "1.5.0"}
	p := NewPlan(table)
	for _, c := range []struct{ tenant, slot, pin string }{{"a", "green", "1.6.0"}, {"b", "blue", ""}, {"c", "blue", "1.5.0"}, {"d", "blue", ""}} {
		in, pin := p.Choose(c.tenant, nil)
		if in == nil || in.Slot != c.slot || pin != c.pin {
			t.Errorf("%s goes to %v with pin %q, want slot %s with %q", c.tenant, in, pin, c.slot, c.pin)
		}
	}
	if in, pin := p.Choose("a", []string{"green-00", "green-01"}); in == nil || in.Slot != "blue" || pin != "" {
		t.Errorf("where nobody is left who has the version: %v, pin %q, want the default", in, pin)
	}
	if in, _ := p.Choose("d", []string{"blue-00", "blue-01"}); in != nil {
		t.Errorf("%v takes a request, and its slot has no traffic", in)
	}
}

func TestCheck(t *testing.T) {
	good := tableOf(2, 10)
	if err := Check(&good); err != nil {
		t.Errorf("a good table: %v", err)
	}
	bad := wire.Table{
		Instances: []wire.Routed{{ID: "a", Slot: "blue", Address: "nowhere"}, {ID: "a", Slot: "blue", Address: "127.0.0.1:1"}, {Address: "127.0.0.1:1"}},
		Routes:    []wire.Route{{Slot: "blue", Percent: 50}, {Slot: "blue", Percent: -1}}, Pins: map[string]string{"t": ""},
	}
	err := Check(&bad)
	for _, want := range []string{"revision: 0", "no host:port", "a is there twice", "instances[2]", "routes[1]: slot", "-1 %", "49 % in all", "pins: tenant"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among what is wrong:\n%v", want, err)
		}
	}
}

func BenchmarkChoose(b *testing.B) {
	p := NewPlan(tableOf(20, 30))
	for i := range b.N {
		p.Choose(tenantOf(i%150), nil)
	}
}
