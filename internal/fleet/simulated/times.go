package simulated

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// MostScale is how many seconds of the world a second of the contract is at most.
const MostScale = 3600

// times turn the contract's time into the world's, and back.
type times struct {
	origin time.Time // when the world's clock started: a whole minute, which so begin together
	scale  int64     // 1..MostScale
}

// most is beyond all times of a world: its clock ends before.
const most = 100 * 365 * 24 * time.Hour

// inWorld is a time of the contract on the world's clock. One that is far beyond all that
// can be is the last or the first that there is.
func (t *times) inWorld(at time.Time) time.Time {
	since := at.Sub(t.origin)
	limit := most / time.Duration(t.scale)
	return simulator.Epoch().Add(max(-limit, min(since, limit)) * time.Duration(t.scale))
}

// inContract is the reverse of inWorld, rounded down to what the contract can say. The
// zero time is none, and stays so.
func (t *times) inContract(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	since, scale := at.Sub(simulator.Epoch()), time.Duration(t.scale)
	length := since / scale
	if since%scale < 0 {
		length--
	}
	return t.origin.Add(length)
}

// length is how long in the contract's time it takes what takes d in the world.
func (t *times) length(d time.Duration) time.Duration { return d / time.Duration(t.scale) }

// head turns what a world says of itself.
func (t *times) head(h *engine.Head) {
	h.At = t.inContract(h.At)
	h.RequestsPerSecond *= float64(t.scale)
	h.ProbeInterval = t.length(h.ProbeInterval)
	h.Capabilities.Resolution, h.Capabilities.Delay = t.length(h.Capabilities.Resolution), t.length(h.Capabilities.Delay)
}

// measurement turns what was counted. Minutes of the world become those of the contract
// in which they began.
func (t *times) measurement(m *engine.Measurement) {
	m.Newest = t.inContract(m.Newest)
	var minutes []engine.MinuteCount
	for _, c := range m.Minutes {
		start := t.inContract(c.Start).Truncate(time.Minute)
		n := len(minutes)
		if n == 0 || !minutes[n-1].Start.Equal(start) {
			minutes = append(minutes, engine.MinuteCount{Start: start, Requests: c.Requests, Errors: c.Errors})
			continue
		}
		minutes[n-1].Requests, minutes[n-1].Errors = minutes[n-1].Requests+c.Requests, minutes[n-1].Errors+c.Errors
	}
	m.Minutes = minutes
}
