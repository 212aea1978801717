package campaign

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Diff is two scenarios in the same weather: run i of both has the same seed, so that
// what differs between them is theirs, and not chance.
type Diff struct {
	Kind   string `json:"kind"`   // KindComparison
	Format int    `json:"format"` // see Format
	Seed   int64  `json:"seed"`
	Runs   int    `json:"runs"` // of each
	// Interrupted says that not all pairs were played; nil: they were.
	Interrupted *Interruption `json:"interrupted,omitempty"`

	A *Figures `json:"a"`
	B *Figures `json:"b"`
	// Same says whether fleet, versions and faults are the same; else Unlike names what
	// is not, and the differences are not those of two policies alone.
	Same        bool         `json:"same_weather"`
	Unlike      []string     `json:"unlike"`
	Differences []Difference `json:"differences"`
}

// Difference is B's figure without A's, with an interval of 95 % that reckons with
// which runs belong together.
type Difference struct {
	Figure string  `json:"figure"`
	Unit   string  `json:"unit"` // share, seconds, tenants or requests
	Pairs  int     `json:"pairs"`
	A      float64 `json:"a"` // the mean over the pairs
	B      float64 `json:"b"`
	By     float64 `json:"difference"`
	Low    Bound   `json:"low"`
	High   Bound   `json:"high"`
	// PastChance says whether the interval leaves nothing out but no difference.
	PastChance bool `json:"past_chance"`
}

// Bound is an end of an interval; where it is not bounded, it is null in JSON.
type Bound float64

// MarshalJSON writes b.
func (b Bound) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(b), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(b))
}

// Compare plays both scenarios opt.Runs times. Where ctx is done before that, the comparison is of
// the first pairs, as many as were played by then, and comes with ctx's error; it is nil where
// there were none.
func Compare(ctx context.Context, a, b *scenario.Scenario, opt Options) (*Diff, error) {
	both := []*scenario.Scenario{a, b}
	var outcomes [2][]outcome
	_, err := inTurn(ctx, 2, opt, func(i int) *scenario.Scenario { return both[i] }, func(i int, o []outcome) { outcomes[i] = o })
	pairs := min(len(outcomes[0]), len(outcomes[1]))
	if err != nil && (ctx.Err() == nil || pairs == 0) {
		return nil, err
	}
	outcomes[0] = outcomes[0][:pairs]
	d := &Diff{Kind: KindComparison, Format: Format, Seed: opt.Seed, Runs: opt.Runs, Unlike: unlikely(a, b)}
	d.Same = len(d.Unlike) == 0
	d.A, d.B = figuresOf(a, opt, outcomes[0]), figuresOf(b, opt, outcomes[1])
	if err != nil {
		d.Interrupted = &Interruption{Played: pairs, Of: opt.Runs, Unit: "pairs"}
		d.Runs, d.A.Interrupted, d.B.Interrupted = pairs, d.Interrupted, d.Interrupted
		d.A.Holding, d.B.Holding = false, false
	}
	d.shares(outcomes)
	d.add("duration_seconds", "seconds", outcomes, func(o *outcome) (float64, bool) { return o.took.Seconds(), o.begun })
	d.add("detected_seconds", "seconds", outcomes, func(o *outcome) (float64, bool) {
		return o.detected.Seconds(), o.alarmed && d.A.detects() && d.B.detects()
	})
	d.add("tenants_exposed", "tenants", outcomes, func(o *outcome) (float64, bool) { return float64(o.tenants), true })
	d.add("requests", "requests", outcomes, func(o *outcome) (float64, bool) { return float64(o.requests), true })
	d.add("failed_requests", "requests", outcomes, func(o *outcome) (float64, bool) { return float64(o.failed), true })
	return d, err
}

// shares compares how often each thing happened that could happen to both.
func (d *Diff) shares(outcomes [2][]outcome) {
	share := func(name string, of func(o *outcome) bool) {
		d.add(name, "share", outcomes, func(o *outcome) (float64, bool) {
			if of(o) {
				return 1, true
			}
			return 0, true
		})
	}
	ended := func(among ...scenario.Ending) func(o *outcome) bool {
		return func(o *outcome) bool { return slices.Contains(among, o.ending) }
	}
	for _, x := range []struct {
		name string
		a, b Share
		of   func(o *outcome) bool
	}{
		{"false_rollback", d.A.FalseRollback, d.B.FalseRollback, func(o *outcome) bool { return o.turned }},
		{"good_stopped", d.A.GoodStopped, d.B.GoodStopped, func(o *outcome) bool { return o.stopped }},
		{"missed_regression", d.A.Missed, d.B.Missed, ended(scenario.Succeeded)},
		{"kept_though_better", d.A.KeptThoughBetter, d.B.KeptThoughBetter, ended(scenario.Retained, scenario.RolledBack)},
		{"adopted_though_worse", d.A.AdoptedThoughWorse, d.B.AdoptedThoughWorse, ended(scenario.Succeeded)},
	} {
		if !x.a.Absent && !x.b.Absent {
			share(x.name, x.of)
		}
	}
	for _, e := range scenario.Endings() {
		if seen := ended(e); count(outcomes[0], seen)+count(outcomes[1], seen) > 0 {
			share(string(e), seen)
		}
	}
}

func count(outcomes []outcome, of func(o *outcome) bool) int {
	n := 0
	for i := range outcomes {
		if of(&outcomes[i]) {
			n++
		}
	}
	return n
}

// add compares a figure over the pairs in which both runs have it.
func (d *Diff) add(figure, unit string, outcomes [2][]outcome, of func(o *outcome) (float64, bool)) {
	x := Difference{Figure: figure, Unit: unit}
	var by []float64
	for i := range outcomes[0] {
		a, okA := of(&outcomes[0][i])
		b, okB := of(&outcomes[1][i])
		if okA && okB {
			x.A, x.B, by = x.A+a, x.B+b, append(by, b-a)
		}
	}
	if x.Pairs = len(by); x.Pairs == 0 {
		return
	}
	n := float64(x.Pairs)
	x.A, x.B = x.A/n, x.B/n
	interval := pairedMeans
	if unit == "share" {
		interval = pairedShares
	}
	var low, high float64
	x.By, low, high = interval(by)
	x.Low, x.High, x.PastChance = Bound(low), Bound(high), low > 0 || high < 0
	d.Differences = append(d.Differences, x)
}

// pairedShares is the difference of two shares over pairs, each -1, 0 or 1, with the
// interval of Agresti and Min, which adds half a pair of each kind: it holds for few
// pairs too, and where no pair differs.
func pairedShares(by []float64) (mean, low, high float64) {
	const z = 1.959963984540054
	var up, down float64
	for _, v := range by {
		up, down = up+max(0, v), down+max(0, -v)
	}
	mean = (up - down) / float64(len(by))
	n, b, c := float64(len(by))+2, up+0.5, down+0.5
	middle := (b - c) / n
	half := z * math.Sqrt(max(0, b+c-float64((b-c)*(b-c))/n)) / n
	return mean, max(-1, middle-half), min(1, middle+half)
}

// pairedMeans is the mean of differences, with Student's interval.
func pairedMeans(by []float64) (mean, low, high float64) {
	n := float64(len(by))
	for _, v := range by {
		mean += v / n
	}
	if n < 2 {
		return mean, math.Inf(-1), math.Inf(1)
	}
	squares := 0.0
	for _, v := range by {
		squares += float64((v - mean) * (v - mean))
	}
	half := student(n-1) * math.Sqrt(squares/(n-1)/n)
	return mean, mean - half, mean + half
}

// students are the 97.5th percentiles of Student's distribution for one degree of
// freedom and more.
var students = []float64{12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622}

// student is such a percentile; beyond the table it is Hill's expansion, to four digits.
func student(degrees float64) float64 {
	if n := int(degrees); n <= len(students) {
		return students[n-1]
	}
	const z = 1.959963984540054
	const z2 = z * z
	return z * (1 + (z2+1)/(4*degrees) + (5*z2*z2+16*z2+3)/float64(96*degrees*degrees))
}

// unlikely names what differs between two scenarios beside their deployments.
func unlikely(a, b *scenario.Scenario) []string {
	unlike := []string{}
	for _, x := range []struct {
		what string
		a, b any
	}{
		{"the version that is rolled out", a.Candidate(), b.Candidate()},
		{"installed", a.Installed, b.Installed},
		{"the environment", a.Deployment.Environment, b.Deployment.Environment},
		{"the plugin", a.Deployment.PluginID, b.Deployment.PluginID},
		{"versions", a.Config(0).Versions, b.Config(0).Versions},
		{"faults", a.Faults, b.Faults},
		{"crashes", a.Crashes, b.Crashes},
		{"signals", a.Signals, b.Signals},
	} {
		if !reflect.DeepEqual(x.a, x.b) {
			unlike = append(unlike, x.what)
		}
	}
	wa, wb := reflect.ValueOf(a.World), reflect.ValueOf(b.World)
	for i := range wa.NumField() {
		if name, _, _ := strings.Cut(wa.Type().Field(i).Tag.Get("json"), ","); name != "-" && name != "seed" && !reflect.DeepEqual(wa.Field(i).Interface(), wb.Field(i).Interface()) {
			unlike = append(unlike, scenario.PlaceOf(name))
		}
	}
	return unlike
}
