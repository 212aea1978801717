package engine_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		in   string
		want time.Duration
		out  string
	}{
		{"PT10M", 10 * time.Minute, "PT10M"},
		{"10m", 10 * time.Minute, "PT10M"},
		{"PT0.5S", 500 * time.Millisecond, "PT0.5S"},
		{"PT0,25S", 250 * time.Millisecond, "PT0.25S"},
		{"P1DT2H", 26 * time.Hour, "PT26H"},
		{"P2W", 14 * 24 * time.Hour, "PT336H"},
		{"1h30m", 90 * time.Minute, "PT1H30M"},
		{"PT90S", 90 * time.Second, "PT1M30S"},
		{"PT0S", 0, "PT0S"},
		{"PT0.5H", 30 * time.Minute, "PT30M"},
		{"PT1,5M", 90 * time.Second, "PT1M30S"},
		{"P0.5D", 12 * time.Hour, "PT12H"},
		{"P1.5W", 252 * time.Hour, "PT252H"},
		{"P1DT0,5H", 24*time.Hour + 30*time.Minute, "PT24H30M"},
		{"PT1H0.25M", time.Hour + 15*time.Second, "PT1H15S"},
	} {
		got, err := engine.ParseDuration(c.in)
		if err != nil || got != c.want || engine.FormatDuration(got) != c.out {
			t.Errorf("%s: %v written %s, %v; want %v written %s", c.in, got, engine.FormatDuration(got), err, c.want, c.out)
		}
	}
	for _, in := range []string{
		"", "P", "PT", "10", "-5m", "PT-5M", "P1Y", "P1M", "PT5M3H", "PT1M1M", "P1H", "PT1D", "PT1.5M30S", "PT0.5H1M", "P0.5DT1H", "P1,5.5D", "PT1,5", "PTM", "PT5", "pt5m", "P1DT",
		"PT99999999999999999H", "PT1.S", "PT.5S", "P1W2WT",
	} {
		if d, err := engine.ParseDuration(in); err == nil {
			t.Errorf("%q is read as %v", in, d)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"PT10M", "10m", "P1DT2H3M4.5S", "P2W", "-1s", "PT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := engine.ParseDuration(s)
		if err != nil {
			return
		}
		again, err := engine.ParseDuration(engine.FormatDuration(d))
		if err != nil || again != d {
			t.Errorf("%q is %v, written %s, read %v, %v", s, d, engine.FormatDuration(d), again, err)
		}
	})
}

func FuzzDecodeSpec(f *testing.F) {
	f.Add(`{"pluginId":"p","environment":"QA","version":"1","rollingConfig":{"batchSize":"25%","waitBetweenBatches":"PT2M"}}`)
	f.Add(`{"pluginId":"p","environment":"Production","versions":["1","2"],"strategy":"ABTesting","abConfig":{"trafficSplit":{"A":50,"B":50}}}`)
	fleet := enginetest.NewFleet(engine.Production, "p", 3, 20, "1", 100)
	f.Fuzz(func(t *testing.T, s string) {
		spec, err := engine.DecodeSpec([]byte(s))
		if err != nil {
			return
		}
		snapshot := fleet.Snapshot()
		if plan, err := engine.Compile("r", spec, snapshot); err == nil {
			_ = plan.String()
			b, err := json.Marshal(spec)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := engine.DecodeSpec(b); err != nil || again.Digest() != spec.Digest() {
				t.Errorf("%s is written %s and read as another spec: %v", s, b, err)
			}
		}
	})
}

func FuzzParseBatchSize(f *testing.F) {
	f.Add("3")
	f.Add("25%")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := engine.ParseBatchSize(s)
		if err != nil {
			return
		}
		if again, err := engine.ParseBatchSize(b.String()); err != nil || again != b {
			t.Errorf("%q: %v, %v", s, again, err)
		}
		if b.N >= 1 && b.N <= 100 && (b.Of(10) < 1 || b.Of(10) > 10) {
			t.Errorf("%q of 10 is %d", s, b.Of(10))
		}
	})
}

// TestExceeds compares with sums of binomial terms.
func TestExceeds(t *testing.T) {
	for _, c := range []struct {
		k, n  int64
		limit float64
	}{{1, 1, 0.05}, {2, 2, 0.05}, {3, 3, 0.05}, {3, 10, 0.05}, {5, 10, 0.05}, {20, 200, 0.05}, {24, 200, 0.05}, {5, 100, 0.05}, {9, 300, 0.01}, {12, 300, 0.01}} {
		var tail float64
		for k := c.k; k <= c.n; k++ {
			tail += math.Exp(logChoose(c.n, k) + float64(k)*math.Log(c.limit) + float64(c.n-k)*math.Log1p(-c.limit))
		}
		want := float64(c.k) > c.limit*float64(c.n) && tail < 0.001
		if got := engine.Exceeds(c.k, c.n, c.limit, 0.001); got != want {
			t.Errorf("%d of %d against %g: %t, and the tail is %.5f", c.k, c.n, c.limit, got, tail)
		}
	}
	if engine.Exceeds(0, 0, 0, 0.001) || !engine.Exceeds(1, 1000, 0, 0.001) {
		t.Error("a limit of nothing is exceeded by nothing, or not by something")
	}
}

func TestQuantile(t *testing.T) {
	bounds := []float64{100, 200, 400}
	for _, c := range []struct {
		slower []int64
		want   float64
	}{
		{[]int64{0, 0, 0}, 99}, {[]int64{10, 0, 0}, 100}, {[]int64{20, 0, 0}, 150}, {[]int64{500, 100, 20}, 400},
	} {
		if got := engine.Quantile(0.99, 1000, bounds, c.slower); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("p99 of %v is %g, want %g", c.slower, got, c.want)
		}
	}
	if got := engine.Quantile(0.99, 0, bounds, []int64{0, 0, 0}); !math.IsNaN(got) {
		t.Errorf("p99 of nothing is %g", got)
	}
}

func TestRecommend(t *testing.T) {
	for _, c := range []struct {
		q    engine.Situation
		want engine.Strategy
	}{
		{engine.Situation{ZeroDowntime: true, CompareVersions: true, Environment: engine.Production}, engine.BlueGreen},
		{engine.Situation{CompareVersions: true, Environment: engine.QA}, engine.ABTesting},
		{engine.Situation{Environment: engine.QA, Instances: 100}, engine.Direct},
		{engine.Situation{Environment: engine.Production, Instances: 10}, engine.Canary},
		{engine.Situation{Environment: engine.Production, Instances: 11, GradualTenants: true}, engine.Canary},
		{engine.Situation{Environment: engine.Production, Instances: 11}, engine.Rolling},
	} {
		if got := engine.Recommend(c.q); got.Strategy != c.want || got.Reason == "" {
			t.Errorf("%+v: %+v, want %s", c.q, got, c.want)
		}
	}
}

func TestDefaults(t *testing.T) {
	spec, err := engine.DecodeSpec([]byte(`{"pluginId": "p", "environment": "Production", "version": "2", "strategy": "Canary"}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(spec.Resolve())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"pluginId":"p","environment":"Production","version":"2","strategy":"Canary",` +
		`"canaryConfig":{"stages":[10,30,50,100],"evaluationPeriod":"PT10M","healthCheckTimeout":"PT30S","autoRollback":true,"thresholds":{"maxErrorRate":0.05,"maxLatencyP99Ms":500,"minSuccessRate":0.95}},` +
		`"rollbackTriggers":{"consecutiveHealthFailures":3,"maxErrorRate":0.05,"errorRateWindow":"PT5M","maxLatencyP99Ratio":2,"latencyWindow":"PT5M"},` +
		`"analysis":{"mode":"sequential","alpha":0.01,"minEffect":0.25,"margin":0.05,"onInconclusive":"hold","minRequests":400,"minTenants":10,"maxExtension":2}}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

// TestExposureDiffers shows that the first tenants are not the same in every rollout.
func TestExposureDiffers(t *testing.T) {
	first := map[string]bool{}
	for _, id := range []string{"r1", "r2", "r3"} {
		p := enginetest.Plan(t, id, engine.Production, "gateway")
		first[p.Tenants[0].ID] = true
		if again := enginetest.Plan(t, id, engine.Production, "gateway"); again.Digest != p.Digest {
			t.Errorf("%s compiled twice gives two plans", id)
		}
	}
	if len(first) == 1 {
		t.Errorf("the same tenant comes first in three rollouts: %v", first)
	}
}

func TestTimeline(t *testing.T) {
	p := enginetest.Plan(t, "r1", engine.Production, "gateway")
	var text []string
	for _, s := range engine.Timeline(&p) {
		text = append(text, s.Earliest.String()+".."+s.Latest.String())
	}
	want := "0s..30s 10m0s..21m0s 20m0s..41m30s 30m0s..1h2m0s 40m0s..1h22m30s 40m0s..1h23m30s"
	if got := strings.Join(text, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestGuardOnHealth trips it on probes that failed, and on deaths, and not on fewer.
func TestGuardOnHealth(t *testing.T) {
	for _, test := range []struct {
		name   string
		least  int
		ailing []engine.Ailing
		want   string
	}{
		{"two probes", 3, []engine.Ailing{{Instance: "a", Failures: 2}}, ""},
		{"two deaths", 3, []engine.Ailing{{Instance: "a", Ready: true, Deaths: 2}}, ""},
		{"two of each", 3, []engine.Ailing{{Instance: "a", Failures: 2, Deaths: 2}}, ""},
		{"switched off", 0, []engine.Ailing{{Instance: "a", Failures: 9, Deaths: 9}}, ""},
		{"probes", 3, []engine.Ailing{{Instance: "a", Failures: 3}}, "1 of 10 instances failed at least 3 health probes in a row, at most 0 may: a"},
		{
			"deaths", 3,
			[]engine.Ailing{{Instance: "a", Failures: 4}, {Instance: "b", Ready: true, Deaths: 5}},
			"2 of 10 instances failed at least 3 health probes in a row, or died as often, at most 0 may: a, b (died 5 times)",
		},
	} {
		v, tripped := engine.GuardOnHealth(engine.Guards{ConsecutiveHealthFailures: test.least}, 10, test.ailing)
		if tripped != (test.want != "") || v.Reason != test.want {
			t.Errorf("%s: %v, %q, want %q", test.name, tripped, v.Reason, test.want)
		}
	}
}

// TestShares writes shares with the digits that matter, near 1 too.
func TestShares(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0 %", 0.0005: "0.05 %", 0.05: "5 %", 0.25: "25 %", 0.95: "95 %", 0.995: "99.5 %",
		0.999: "99.9 %", 0.9995: "99.95 %", 0.9999: "99.99 %", 0.99999: "99.999 %", 1: "100 %",
	} {
		if got := engine.Pct(v); got != want {
			t.Errorf("%g is written as %q, want %q", v, got, want)
		}
	}
}
