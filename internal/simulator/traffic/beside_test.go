package traffic

import (
	"reflect"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
)

// Two arms that are counted one beside the other come to what each comes to alone, whatever was
// counted before, and also where one of them cannot be counted so.
func TestBesideIsTheSame(t *testing.T) {
	cfg, does := usual()
	cfg.Tenants, cfg.TenantErrorSpread, does.TimeoutRate = meanwhile.Few, 0.8, 0.01
	flow := func() *Flow {
		f := flowOf(cfg, does, 60, 6*time.Hour)
		serveSome(f, time.Hour, func(t int) bool { return t%3 == 0 })
		return f
	}
	const want = engine.WantCounts | engine.WantByTenant | engine.WantMeans
	measure := func(f *Flow, span Span) (m [2]engine.Measurement) {
		for i, arm := range []Arm{newArm, oldArm} {
			f.Measure(&m[i], &engine.Question{Version: "1.6.0", TenantBound: 250}, want, arm, span)
		}
		return m
	}
	together := flow()
	for _, hours := range [][2]int{{1, 2}, {1, 3}, {1, 3}, {2, 4}, {-24, 0}, {0, 5}, {1, 5}, {5, 5}} {
		from, to := int64(hours[0])*int64(time.Hour), int64(hours[1])*int64(time.Hour)
		together.Beside(want, [2]Arm{newArm, oldArm}, together.Span(from, to))
		got := measure(together, together.Span(from, to))
		alone := flow()
		if want := measure(alone, alone.Span(from, to)); !reflect.DeepEqual(got, want) {
			t.Errorf("hours %v: %d and %d tenants sent something, and not %d and %d, or something else", hours, got[0].Tenants, got[1].Tenants, want[0].Tenants, want[1].Tenants)
		}
	}
}
