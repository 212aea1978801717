package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// TestHeld: a figure has a mark of its own where it is outside of the band, and a unit each time.
func TestHeld(t *testing.T) {
	p := &predict.Prediction{Runs: 200, Failed: predict.Band{Low: 39, Median: 55, High: 72, Least: 30, Most: 80}}
	for _, c := range []struct {
		failed int64
		e      expectation
		mark   string
		says   string
		wrong  bool
	}{
		{55, expectation{Expected: p}, within, "the simulator expected 39-72 failed requests, as in 95 of 100 of its runs", false},
		{73, expectation{Expected: p}, outside, "73 is outside of that", false},
		{200, expectation{Expected: p}, outside, "outside", true},
		{55, expectation{Unexpected: "connection refused"}, within, "there is no prediction: connection refused", false},
	} {
		mark, line := held(c.failed, &c.e)
		if mark != c.mark || !strings.Contains(line, c.says) {
			t.Errorf("%d: %s %s", c.failed, mark, line)
		}
		err := (&act{}).missed(&shown{Failed: c.failed, expectation: c.e}, 10)
		if (err != nil) != c.wrong {
			t.Errorf("%d: %v", c.failed, err)
		}
	}
	if err := (&act{tenants: 9}).missed(&shown{}, 10); err == nil {
		t.Error("ten tenants are not more than nine")
	}
	if err := (&act{none: true}).missed(&shown{Failed: 1}, 0); err == nil {
		t.Error("a request failed on what never starts")
	}
}

// TestWhose: what failed is said beside what is usual, and of a version that fails one tenant whose
// requests they were and when that tenant got it.
func TestWhose(t *testing.T) {
	b := newBoard(load.Names(3))
	answered := func(n int, tenant, version string, status int) {
		for range n {
			b.add(&load.Outcome{Tenant: tenant, Version: version, Status: status, Latency: time.Millisecond})
		}
	}
	answered(199, "tenant-001", "1.6.0", 200)
	answered(1, "tenant-001", "1.6.0", 500)
	d := contract.Detail{}
	d.ID, d.Candidate, d.Baseline = "r-1", "2.1.0", "1.6.0"
	b.show(&d)
	answered(389, "tenant-002", "2.1.0", 200)
	answered(3, "tenant-002", "2.1.0", 500)
	answered(8, "tenant-001", "2.1.0", 500)
	d.Outcome = "rolled_back"
	b.show(&d)
	answered(5, "tenant-001", "2.1.0", 500) // after the end
	r, _ := b.current()
	r.Unexpected = "why"
	page, err := json.Marshal(told{shown: &r})
	for _, want := range []string{`"failed":11,"answered":400`, `"usual":{"answered":200,"failed":1}`, `"expected":null,"unexpected":"why"`} {
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("%s is not on the page, %v: %s", want, err, page)
		}
	}
	got := strings.Join((&demo{board: b}).whose(&r, act{alone: "tenant-001"}), "\n")
	for _, want := range []string{
		"that is 2.8 % of the 400 that it answered; 1.6.0 failed 0.5 % of its own before, which would be 2", "8 of them are tenant-001's", "the other 3 are",
		"tenant-001 was the 2nd tenant to get it, after 0 s",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not said:\n%s", want, got)
		}
	}
	if got := (&demo{board: b}).whose(&r, act{alone: "tenant-003"}); got[len(got)-1] != "tenant-003 never got it" {
		t.Errorf("%v", got)
	}
	if _, failed, lost := b.totals(); !strings.Contains(strings.Join(reckoned(failed, lost, r.Failed), "\n"), "     6 on the versions that ran") {
		t.Errorf("%d failed, %d lost, %d on the rollout", failed, lost, r.Failed)
	}
}

// TestShort: a reason that stands behind many names is not cut away, and no letter is cut in two.
func TestShort(t *testing.T) {
	names := strings.Repeat("instance-01, ", 20)
	story := "The changes failed again and again: " + names + "version 2.0.0 does not start: start /" + strings.Repeat("folder/", 30) + "payment: exec format error.\n\n  Measured  fail: 3 of 4 requests erred\n"
	if got := short(story); !strings.HasSuffix(got, "exec format error. 3 of 4 requests erred.") {
		t.Errorf("%s", got)
	}
	if got := short(strings.Repeat("é", 900)); got != strings.Repeat("é", 800)+" …" {
		t.Errorf("%q", got)
	}
}

// TestOrdinal: the teens are no exception to be forgotten.
func TestOrdinal(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 111: "111th", 122: "122nd"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// TestAskedAgain: a server that is away when a rollout begins is asked again, and meanwhile, and
// where it does not come back, the page is told why there is no prediction.
func TestAskedAgain(t *testing.T) {
	var out bytes.Buffer
	d := &demo{o: &Options{Out: &out}, board: newBoard(load.Names(20)), begun: time.Now()}
	_, spec, err := deployment("1.6.0", engine.Canary)
	if err != nil {
		t.Fatal(err)
	}
	good := predict.Version{ErrorRate: 0.005}
	set := predict.Setting{Name: "r-1", Instances: 4, Spare: 4, Tenants: 20, Rate: 100, Installed: "1.5.0", Versions: map[string]predict.Version{"1.5.0": good, "1.6.0": good}, Deployment: spec}
	asked := 0
	told := d.foretell(t.Context(), set, func(context.Context) (predict.Paces, error) {
		if asked++; asked == 1 {
			return predict.Paces{}, errors.New("connection was refused")
		}
		if e := d.board.expected["r-1"]; e.final || e.Unexpected != "connection was refused; it is asked again" {
			t.Errorf("meanwhile: %+v", e)
		}
		return predict.Paces{Calls: []float64{0.01}, Counts: []float64{0.01}}, nil
	})
	if asked != 2 || !told.final || told.Unexpected != "" || told.Expected == nil || told.Expected.Runs < 1 || math.IsNaN(told.Expected.Failed.Median) {
		t.Errorf("asked %d times: %+v", asked, told)
	}
	d.board.expect("r-1", told) // also where the rollout is shown later only
	detail := contract.Detail{}
	detail.ID = "r-1"
	d.board.show(&detail)
	if r, _ := d.board.current(); r.Expected != told.Expected || !r.final {
		t.Errorf("shown: %+v", r.expectation)
	}
	over, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	none := d.foretell(over, set, func(context.Context) (predict.Paces, error) { return predict.Paces{}, errors.New("gone") })
	if !none.final || none.Unexpected != "gone" || none.Expected != nil {
		t.Errorf("of a server that stays away: %+v", none)
	}
}
