package simulated

import (
	"reflect"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

var origin = time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC)

// TestTimes turns times into the world's and back.
func TestTimes(t *testing.T) {
	for _, scale := range []int64{1, 7, 60, MostScale} {
		ts := times{origin, scale}
		for _, after := range []time.Duration{0, 1, time.Second, 90 * time.Minute, -time.Hour, -1} {
			in := ts.inWorld(origin.Add(after))
			if want := simulator.Epoch().Add(after * time.Duration(scale)); !in.Equal(want) {
				t.Errorf("scale %d: %s after the origin is %s, want %s", scale, after, in, want)
			}
			if back := ts.inContract(in); !back.Equal(origin.Add(after)) {
				t.Errorf("scale %d: %s after the origin became %s", scale, after, back)
			}
		}
		// What lies between two times that the contract can say is the earlier one.
		for _, after := range []time.Duration{-1, time.Duration(scale) - 1} {
			want := origin.Add(-1)
			if after > 0 || scale == 1 {
				want = origin.Add(max(after, -1) / time.Duration(scale))
			}
			if got := ts.inContract(simulator.Epoch().Add(after)); !got.Equal(want) {
				t.Errorf("scale %d: %d ns after the epoch is %s, want %s", scale, after, got, want)
			}
		}
		if far := ts.inWorld(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)); far.Before(simulator.Epoch().Add(95 * 365 * 24 * time.Hour)) {
			t.Errorf("scale %d: the year 9999 is %s", scale, far)
		}
		if early := ts.inWorld(time.Time{}); !early.Before(simulator.Epoch().Add(-24 * time.Hour)) {
			t.Errorf("scale %d: the year 1 is %s", scale, early)
		}
		if none := ts.inContract(time.Time{}); !none.IsZero() {
			t.Errorf("no time became %s", none)
		}
	}
}

// TestMinutes has the minutes of a world become whole minutes of the contract.
func TestMinutes(t *testing.T) {
	ts := times{origin, 60}
	var m engine.Measurement
	for i := range 150 { // two and a half hours in the world
		m.Minutes = append(m.Minutes, engine.MinuteCount{Start: simulator.Epoch().Add(time.Duration(i) * time.Minute), Requests: 10, Errors: 1})
	}
	m.Newest = simulator.Epoch().Add(150 * time.Minute)
	ts.measurement(&m)
	want := []engine.MinuteCount{{Start: origin, Requests: 600, Errors: 60}, {Start: origin.Add(time.Minute), Requests: 600, Errors: 60}, {Start: origin.Add(2 * time.Minute), Requests: 300, Errors: 30}}
	if !reflect.DeepEqual(m.Minutes, want) || !m.Newest.Equal(origin.Add(150*time.Second)) {
		t.Errorf("%v, newest %s", m.Minutes, m.Newest)
	}
}

// TestLengths scales what is a length of time, and nothing else.
func TestLengths(t *testing.T) {
	ts := times{origin, 60}
	h := engine.Head{
		At: simulator.Epoch().Add(time.Hour), RequestsPerSecond: 2, ProbeInterval: time.Minute,
		Capabilities: engine.Capabilities{Resolution: time.Minute, Delay: 15 * time.Second, LatencyBounds: []float64{100}},
	}
	ts.head(&h)
	want := engine.Head{
		At: origin.Add(time.Minute), RequestsPerSecond: 120, ProbeInterval: time.Second,
		Capabilities: engine.Capabilities{Resolution: time.Second, Delay: 250 * time.Millisecond, LatencyBounds: []float64{100}},
	}
	if !reflect.DeepEqual(h, want) {
		t.Errorf("%+v, want %+v", h, want)
	}
}
