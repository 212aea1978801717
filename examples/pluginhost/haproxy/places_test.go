package haproxy

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// TestPlacesLeft: who comes gets a place that nobody had, as long as there is one, and else that
// which was left first; who comes back gets its own; and a manager that comes later knows as much.
func TestPlacesLeft(t *testing.T) {
	p := &Proxy{Dir: t.TempDir()}
	serve(t, p)
	for n, c := range []struct{ pinned, counted string }{
		{"1.0.0", "version1=1.0.0"},
		{"1.1.0", "version1=1.0.0 version2=1.1.0"},
		{"", "version1=1.0.0 version2=1.1.0"},
		{"1.2.0 1.3.0 1.4.0 1.5.0 1.6.0", "version1=1.0.0 version2=1.1.0 version3=1.2.0 version4=1.3.0 version5=1.4.0 version6=1.5.0 version7=1.6.0"},
		{"1.0.0", "version1=1.0.0 version2=1.1.0 version3=1.2.0 version4=1.3.0 version5=1.4.0 version6=1.5.0 version7=1.6.0"},
		{"1.7.0 1.8.0", "version1=1.0.0 version2=1.8.0 version3=1.2.0 version4=1.3.0 version5=1.4.0 version6=1.5.0 version7=1.6.0 version8=1.7.0"},
		{"1.9.0", "version1=1.0.0 version2=1.8.0 version3=1.9.0 version4=1.3.0 version5=1.4.0 version6=1.5.0 version7=1.6.0 version8=1.7.0"},
	} {
		table := wire.Table{
			Revision: int64(n + 1), Instances: []wire.Routed{routed("one", "blue", 2001, true, "1.0.0")},
			Routes: []wire.Route{{Slot: "blue", Percent: 100}}, Pins: map[string]string{},
		}
		for _, v := range strings.Fields(c.pinned) {
			table.Pins["of-"+v] = v
		}
		if err := p.Apply(context.Background(), table); err != nil {
			t.Fatalf("%d: %v", n+1, err)
		}
		p = &Proxy{Dir: p.Dir} // another manager
		if err := p.Open(); err != nil {
			t.Fatal(err)
		}
		var got []string
		for backend, of := range p.Counted() {
			if strings.HasPrefix(backend, "version") {
				got = append(got, backend+"="+of)
			}
		}
		slices.Sort(got)
		if said := strings.Join(got, " "); said != c.counted {
			t.Errorf("%d: with %q pinned they are %s\nand should be %s", n+1, c.pinned, said, c.counted)
		}
		now := map[string]string{}
		for backend, of := range p.Backends() {
			if strings.HasPrefix(backend, "version") {
				now["of-"+of] = of
			}
		}
		if !maps.Equal(now, table.Pins) {
			t.Errorf("%d: requests go to %v, and %v are pinned", n+1, now, table.Pins)
		}
	}
}
