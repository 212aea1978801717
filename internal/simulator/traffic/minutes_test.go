package traffic

import (
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// What fails in the day before is the mean over the shocks of its minutes, and who asks
// for the minutes gets what adds up to the day.
func TestTheDayBeforeHasMinutes(t *testing.T) {
	cfg, does := usual()
	cfg.MinuteNoise, cfg.DailySwing, cfg.DailyPeakHour = 0.5, 0.5, 15
	f := flowOf(cfg, does, 3000, 0)
	const day = -24 * time.Hour
	whole := ask(f, oldArm, day, 0, engine.WantCounts|engine.WantMinutes)
	if len(whole.Minutes) != 24*60 {
		t.Fatalf("the day has %d minutes", len(whole.Minutes))
	}
	var requests, errors int64
	var chi float64
	total := 0.0
	var hours [24]engine.MinuteCount
	for i, m := range whole.Minutes {
		if want := epoch.Add(day + time.Duration(i)*time.Minute); !m.Start.Equal(want) {
			t.Fatalf("minute %d begins at %v", i, m.Start)
		}
		requests, errors = requests+m.Requests, errors+m.Errors
		hour := i / 60
		hours[hour].Requests += m.Requests
		hours[hour].Errors += m.Errors
		want := float64(m.Requests) * min(1, 0.01*f.shockOf(int64(i)-24*60))
		chi += (float64(m.Errors) - want) * (float64(m.Errors) - want) / want
		total++
	}
	if requests != whole.Requests || errors != whole.Errors {
		t.Errorf("the minutes have %d requests and %d errors, and the day %d and %d", requests, errors, whole.Requests, whole.Errors)
	}
	if sd := math.Sqrt(2 * total); math.Abs(chi-total) > 5*sd {
		t.Errorf("the minutes' errors are off from their shocks by %.0f, and by chance by %.0f", chi, total)
	}
	for i, h := range hours {
		swing := 1 + 0.5*math.Cos(2*math.Pi*(float64(i)+0.5-15)/24)
		if want := 3000 * 3600 * swing; math.Abs(float64(h.Requests)-want) > 6*math.Sqrt(want)+want*0.002 {
			t.Errorf("hour %d has %d requests, not %.0f", i, h.Requests, want)
		}
	}
	last := ask(f, oldArm, -time.Hour, 0, engine.WantCounts)
	if last.Requests != hours[23].Requests || last.Errors != hours[23].Errors {
		t.Errorf("the last hour has %d requests and %d errors, and its minutes %+v", last.Requests, last.Errors, hours[23])
	}
	if late := ask(f, oldArm, -90*time.Minute, 0, engine.WantCounts|engine.WantMinutes); len(late.Minutes) != 90 {
		t.Errorf("asked for 90 minutes, it tells of %d", len(late.Minutes))
	}
}
