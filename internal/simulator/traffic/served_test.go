package traffic

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestServedIsExact holds that what a version served up to any moment is all of it, whether what
// is drawn at once was over by then or not, and that parts of a time add up to the whole.
func TestServedIsExact(t *testing.T) {
	const rate = 200
	for _, resolution := range []time.Duration{0, time.Second, time.Minute} {
		cfg, does := usual()
		does.ErrorRate = 0.2
		cfg.Resolution = resolution
		f := flowOf(cfg, does, rate, 65*time.Second+250*time.Millisecond)
		serveSome(f, 12*time.Second+300*time.Millisecond, func(t int) bool { return t%2 == 0 })
		now := f.fleet.Time()
		whole := map[uint16][2]int64{}
		for _, version := range []uint16{older, newer} {
			requests, failed := f.Served(version, 0, now)
			whole[version] = [2]int64{requests, failed}
		}
		if got, want := float64(whole[older][0]+whole[newer][0]), rate*float64(now)/1e9; math.Abs(got-want) > 4*math.Sqrt(want) {
			t.Errorf("resolution %s: %.0f requests in %s, want about %.0f", resolution, got, time.Duration(now), want)
		}
		for _, half := range []time.Duration{time.Millisecond, 700 * time.Millisecond, 12*time.Second + 299*time.Millisecond, 12*time.Second + 300*time.Millisecond, 20 * time.Second, 33*time.Second + 337*time.Millisecond, 65 * time.Second} {
			for version, all := range whole {
				requests, failed := f.Served(version, 0, int64(half))
				more, failedMore := f.Served(version, int64(half), now)
				if got := [2]int64{requests + more, failed + failedMore}; got != all {
					t.Errorf("resolution %s, %s: %v before and after %s, %v in all", resolution, f.fleet.Name(version), got, half, all)
				}
			}
		}
		f.fleet.(*still).now = int64(5 * time.Minute)
		for version, all := range whole {
			if requests, failed := f.Served(version, 0, now); [2]int64{requests, failed} != all {
				t.Errorf("resolution %s, %s: %d requests, %d of them failed, and when the time had gone on %v", resolution, f.fleet.Name(version), requests, failed, all)
			}
		}
	}
}

// TestServedChangesNothing holds that what is measured is the same whether somebody asked before
// what was served or not.
func TestServedChangesNothing(t *testing.T) {
	cfg, does := usual()
	asked, not := flowOf(cfg, does, 200, 47*time.Second), flowOf(cfg, does, 200, 47*time.Second)
	for at := time.Second; at < 47*time.Second; at += 3100 * time.Millisecond {
		asked.Served(older, 0, int64(at))
		a, b := ask(asked, oldArm, 0, at, engine.WantCounts|engine.WantSlower, 100), ask(not, oldArm, 0, at, engine.WantCounts|engine.WantSlower, 100)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: %+v, and %+v where nobody asked", at, a, b)
		}
	}
}

// TestFineScrapesSeeSoon holds that who reads counters each second knows of each second, however
// long ago the last change was.
func TestFineScrapesSeeSoon(t *testing.T) {
	const rate = 200
	for _, resolution := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second} {
		cfg, does := usual()
		cfg.Resolution = resolution
		f := flowOf(cfg, does, rate, 68*time.Second)
		m := ask(f, oldArm, 60*time.Second, 68*time.Second, engine.WantCounts)
		// Of the eight seconds those are known that lie between the first sample and the last.
		if least := rate * (8 - 2*resolution.Seconds()) * 0.8; float64(m.Requests) < least {
			t.Errorf("samples every %s: %d requests are known of the last 8 s, want at least %.0f", resolution, m.Requests, least)
		}
		if late := 68*time.Second - m.Newest.Sub(epoch); !m.Newest.IsZero() && late > resolution {
			t.Errorf("samples every %s: the newest is %s old", resolution, late)
		}
	}
}
