package load

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

func options(to string) Options {
	return Options{To: to, Tenants: 150, Spread: 1, Rate: 1000, For: time.Second, Most: 2000, Timeout: time.Minute, Seed: 1}
}

// TestArrivals has them come at random, at their rate, and from tenants by their weights.
func TestArrivals(t *testing.T) {
	const n, rate = 200_000, 2000.0
	weights := Weights(150, 1, 7)
	due, seen := newArrivals(rate, weights, 7), make([]float64, 150)
	var gaps, squares float64
	last := time.Duration(0)
	for range n {
		at, tenant := due.next()
		gap := (at - last).Seconds() * rate
		gaps, squares, last = gaps+gap, squares+gap*gap, at
		seen[tenant]++
	}
	mean := gaps / n
	if math.Abs(mean-1) > 0.01 || math.Abs(squares/n-mean*mean-1) > 0.05 {
		t.Errorf("gaps have mean %v and variance %v, want 1 and 1", mean, squares/n-mean*mean)
	}
	chi := 0.0
	for i, w := range weights {
		chi += (seen[i] - n*w) * (seen[i] - n*w) / (n * w)
	}
	if chi > 149+5*math.Sqrt(2*149) {
		t.Errorf("tenants are not drawn by their weights: chi-squared %v of 149", chi)
	}
	if one := Weights(3, 0, 1); one[0] != one[1] || one[1] != one[2] {
		t.Errorf("without a spread: %v", one)
	}
}

// TestCountsFromDue holds an answer up for everybody: requests go on being started, and
// each has waited since it was due.
func TestCountsFromDue(t *testing.T) {
	held := make(chan struct{})
	var come atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		come.Add(1)
		<-held
	}))
	defer s.Close()
	o := options(s.URL)
	o.For = 300 * time.Millisecond
	summary, done := NewSummary(), make(chan error, 1)
	var longest time.Duration = -1
	begun := time.Now()
	go func() {
		done <- Run(t.Context(), o, func(o Outcome) {
			summary.Add(o)
			if longest < 0 || o.Latency > longest {
				longest = o.Latency
			}
		})
	}()
	for deadline := time.Now().Add(time.Minute); come.Load() < 200; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("only %d requests came while none was answered", come.Load())
		}
	}
	close(held)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if r := summary.Report(); r.Failed != 0 || r.Requests < 200 || longest > time.Since(begun) {
		t.Errorf("%+v, the longest %v", r, longest)
	}
	if longest < 100*time.Millisecond {
		t.Errorf("the longest took %v, although nothing was answered for longer", longest)
	}
}

// TestMost sends no more than may be out, and says so.
func TestMost(t *testing.T) {
	held := make(chan struct{})
	var in atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		in.Add(1)
		<-held
	}))
	defer s.Close()
	o := options(s.URL)
	o.Most = 10
	summary := NewSummary()
	time.AfterFunc(1100*time.Millisecond, func() { close(held) }) // after the last one is due
	if err := Run(t.Context(), o, summary.Add); err != nil {
		t.Fatal(err)
	}
	r := summary.Report()
	if in.Load() != r.Requests || r.Requests < 10 || r.NotSent < 100 || r.Failed != 0 {
		t.Errorf("%d came; %+v", in.Load(), r)
	}
	var text strings.Builder
	r.Write(&text)
	if !strings.Contains(text.String(), "NOT SENT") {
		t.Errorf("it is not said:\n%s", &text)
	}
}

// TestSays tells failures apart: what a server answered, by version, and no answer.
func TestSays(t *testing.T) {
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(wire.Tenant) == "" {
			t.Error("a request without a tenant")
		}
		w.Header().Set(wire.Version, "1.6.0")
		w.Header().Set(wire.Instance, "instance-01")
		switch n.Add(1) % 4 {
		case 0:
			w.Header().Set(wire.Reason, wire.ReasonPlugin)
			w.WriteHeader(http.StatusInternalServerError)
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			w.WriteHeader(http.StatusTeapot) // the client's own
		}
	}))
	defer s.Close()
	summary := NewSummary()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := options(s.URL)
	o.For = 0
	seen := 0
	if err := Run(ctx, o, func(o Outcome) {
		summary.Add(o)
		if seen++; seen == 400 {
			cancel()
		}
	}); err != nil {
		t.Fatal(err)
	}
	r := summary.Report()
	if r.Requests != n.Load() || r.Failed != (n.Load()+3)/4+n.Load()/4 || len(r.Why) != 2 || r.Transport == "" {
		t.Errorf("%d came; %+v", n.Load(), r)
	}
	for _, f := range r.Why {
		if want := map[string]string{ReasonTransport: "", wire.ReasonPlugin: "1.6.0"}; want[f.Reason] != f.Version {
			t.Errorf("%+v", f)
		}
	}
}

func TestQuantiles(t *testing.T) {
	var h histogram
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Millisecond)
	}
	for q, want := range map[float64]float64{0.5: 500, 0.99: 990, 0.999: 999} {
		if got := h.quantile(q); math.Abs(got/want-1) > 0.02 {
			t.Errorf("%v: %v, want %v", q, got, want)
		}
	}
	if got := new(histogram).quantile(0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// TestCheck has all that is wrong at once.
func TestCheck(t *testing.T) {
	err := (&Options{To: "nowhere", Spread: -1, Rate: math.NaN(), For: -1}).Check()
	for _, s := range []string{"--to", "--tenants", "--spread", "--rate", "--for", "--most", "--timeout"} {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("%v does not say %s", err, s)
		}
	}
}
