package manager

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// smokeRun is the last run of smoke tests. One that a manager died in is run again.
type smokeRun struct {
	Rollout string   `json:"rollout"`
	Slot    string   `json:"slot"`
	Tests   []string `json:"tests"`
	Done    bool     `json:"done"`
	Failed  []string `json:"failed,omitempty"` // with the reason
}

// told is what a condition says of it.
func (r *smokeRun) told() engine.SmokeTests {
	if !r.Done {
		return engine.SmokeTests{Running: len(r.Tests)}
	}
	return engine.SmokeTests{Passed: len(r.Tests) - len(r.Failed), Failed: len(r.Failed), Failures: slices.Clone(r.Failed)}
}

// smokeTests are the tests that there are. Each is tried on every instance of the slot, by
// calling it.
var smokeTests = map[string]func(w *World, ctx context.Context, at string) error{
	"payment answers":   (*World).paymentAnswers,
	"probes are well":   (*World).probesAreWell,
	"latency":           (*World).latencyIsLow,
	"health":            (*World).probesAreWell,
	"checkout":          (*World).paymentAnswers,
	"nothing is broken": (*World).nothingIsBroken,
}

// smoke runs the smoke tests that are asked for, until ctx is done.
func (w *World) smoke(ctx context.Context) {
	nudge(w.smoked) // for what an earlier manager began
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.smoked:
		}
		w.mu.Lock()
		run := w.want.Smoke
		w.mu.Unlock()
		if run == nil || run.Done {
			continue
		}
		failed := w.try(ctx, run)
		if ctx.Err() != nil {
			return
		}
		err := w.change(func(d *desired) error {
			if !d.Smoke.is(run) {
				return errAgain // another run came in its place
			}
			d.Smoke.Done, d.Smoke.Failed = true, failed
			return nil
		})
		if err != nil {
			w.Log.Error("what came of smoke tests cannot be written down", "error", err)
			pause(ctx, time.Second)
			nudge(w.smoked)
		}
	}
}

// is says whether it is the same run.
func (r *smokeRun) is(o *smokeRun) bool {
	return r != nil && !r.Done && r.Rollout == o.Rollout && r.Slot == o.Slot && slices.Equal(r.Tests, o.Tests)
}

// try runs tests on a slot, and lists those that failed.
func (w *World) try(ctx context.Context, run *smokeRun) (failed []string) {
	w.mu.Lock()
	there := map[string]string{}
	var ids []string
	for _, want := range w.want.staying(run.Slot) {
		ids = append(ids, want.ID)
		if in := w.runs[want.ID]; in != nil && in.ready(want) {
			there[want.ID] = in.address
		}
	}
	w.mu.Unlock()
	for _, name := range run.Tests {
		if why := w.tryOne(ctx, name, ids, there); why != "" {
			failed = append(failed, name+": "+why)
		}
	}
	return failed
}

// tryOne says why a test fails; "": it passes.
func (w *World) tryOne(ctx context.Context, name string, ids []string, there map[string]string) string {
	test := smokeTests[name]
	switch {
	case test == nil:
		return "there is no such test; there are " + strings.Join(testNames(), ", ")
	case len(ids) == 0:
		return "the slot has no instances"
	}
	for _, id := range ids {
		at, ok := there[id]
		if !ok {
			return id + " is not ready"
		}
		if err := test(w, ctx, at); err != nil {
			return id + ": " + err.Error()
		}
	}
	return ""
}

func testNames() (names []string) {
	for name := range smokeTests {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// smokeTenant is who sends the requests of smoke tests.
const smokeTenant = "smoke-test"

// pay sends a payment to an instance, and says how long it took.
func (w *World) pay(ctx context.Context, at string) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+at+"/pay", strings.NewReader(`{"amount": 1250}`))
	if err != nil {
		return 0, err
	}
	req.Header.Set(wire.Tenant, smokeTenant)
	began := time.Now()
	res, err := w.caller.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }() // nothing is wanted of what is left
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	took = time.Since(began)
	if res.StatusCode != http.StatusOK {
		return took, fmt.Errorf("a payment is answered with %d %s", res.StatusCode, res.Header.Get(wire.Reason))
	}
	return took, nil
}

// Of so many payments one may fail: a good version fails now and then, too.
const (
	payments   = 10
	mayFail    = 1
	lowLatency = 500 * time.Millisecond
)

func (w *World) paymentAnswers(ctx context.Context, at string) error {
	failed, last := 0, error(nil)
	for range payments {
		if _, err := w.pay(ctx, at); err != nil {
			failed, last = failed+1, err
		}
	}
	if failed > mayFail {
		return fmt.Errorf("%d of %d payments failed: %w", failed, payments, last)
	}
	return nil
}

func (w *World) latencyIsLow(ctx context.Context, at string) error {
	var times []time.Duration
	for range payments {
		took, err := w.pay(ctx, at)
		if took > 0 {
			times = append(times, took)
		} else if err != nil {
			return err
		}
	}
	slices.Sort(times)
	if median := times[len(times)/2]; median > lowLatency {
		return fmt.Errorf("half of %d payments took %s or longer, and %s are allowed", payments, median.Round(time.Millisecond), lowLatency)
	}
	return nil
}

func (w *World) probesAreWell(ctx context.Context, at string) error {
	for _, path := range []string{"/healthz", "/readyz"} {
		if err := (&caller{client: w.caller.client}).call(ctx, quickCall, http.MethodGet, at, path, nil, nil); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func (w *World) nothingIsBroken(ctx context.Context, at string) error {
	h, err := w.caller.state(ctx, at)
	if err != nil {
		return err
	}
	for _, p := range h.Plugins {
		if p.State != wire.Ready {
			return fmt.Errorf("version %s is %s: %s", p.Version, p.State, p.Error)
		}
	}
	return nil
}
