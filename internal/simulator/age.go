package simulator

import (
	"cmp"
	"slices"
)

// started puts version on in, ready, from now on.
func (w *World) started(in *instance, version string) {
	in.hold(held{Version: version, Ready: true, Since: w.Time})
	b := w.behaviourOf(version)
	for _, seconds := range []float64{b.ColdSeconds, b.LeakSeconds, b.NoveltySeconds} {
		if seconds > 0 {
			w.after(seconds, ageTurns, in.Serial, 0)
		}
	}
	w.dirty = true
}

// ageTurns is when a version on an instance is no longer cold or new, or has
// leaked.
func (w *World) ageTurns(event) { w.dirty = true }

// age adds to c, which in serves, what the age of its version on in makes of it.
func (w *World) age(c *class, in *instance) {
	b, h := w.behaviourOf(w.Names[c.Version]), in.holds(w.Names[c.Version])
	if h == nil {
		return
	}
	old := w.Time - h.Since
	if b.ColdSeconds > 0 && old < nanoseconds(b.ColdSeconds) {
		w.note("cold")
		c.worsen(b.ColdErrorRate, b.ColdLatencyFactor)
	}
	if b.LeakSeconds > 0 && old >= nanoseconds(b.LeakSeconds) {
		w.note("leak")
		c.worsen(b.LeakErrorRate, 1)
	}
	if b.NoveltySeconds > 0 && old < nanoseconds(b.NoveltySeconds) {
		w.note("novelty")
		c.Does.ConversionRate = min(1, float64(b.ConversionRate*cmp.Or(b.NoveltyConversionFactor, 1)))
		c.Does.Satisfaction = cmp.Or(b.NoveltySatisfaction, b.Satisfaction)
	}
	if b.PromotedErrorRate > 0 && w.everywhere(h.Version) {
		w.note("promoted")
		c.worsen(b.PromotedErrorRate, 1)
	}
}

// everywhere says whether version is the default of all instances that take traffic.
func (w *World) everywhere(version string) bool {
	return !slices.ContainsFunc(w.Members, func(in *instance) bool {
		return in.Phase == ready && w.percent(in.Slot) > 0 && in.Default != version
	})
}

// worsen lets at least a share of c's requests fail, and all take longer by a factor;
// 0: they do not.
func (c *class) worsen(errors, slower float64) {
	c.Least = max(c.Least, min(errors, 1-c.Does.TimeoutRate))
	if slower > 0 {
		c.Does.slow(slower, slower)
	}
}

// slow multiplies the latencies by factors, as far as a behaviour can have them: several
// faults may strike at once.
func (b *Behaviour) slow(median, tail float64) {
	within := func(ms float64) float64 { return max(leastLatency, min(ms, mostLatency)) }
	b.LatencyP50Ms = within(float64(b.LatencyP50Ms * median))
	b.LatencyP99Ms = max(b.LatencyP50Ms, within(float64(b.LatencyP99Ms*tail)))
}

// ail adds to c, which an instance serves, the faults that strike all its tenants alike.
func (w *World) ail(c *class, instance string) {
	for i, f := range w.cfg.Faults {
		if !w.Faults[i].Active || !f.concerns(instance, w.Names[c.Version]) {
			continue
		}
		switch f.Kind {
		case ErrorSpike:
			c.worsen(f.Magnitude, 1)
		case TenantFails:
			if f.targeted() {
				continue // not alike
			}
			c.worsen(f.Magnitude, 1)
		case Latency:
			c.worsen(0, f.Magnitude)
		case Hang:
			c.worsen(1, 1)
		case GrayFailure:
			c.Does.slow(1, f.magnitude())
		case NoisyMinute:
			c.Does.ErrorRate = min(float64(c.Does.ErrorRate*f.magnitude()), 1-c.Does.TimeoutRate)
		default:
			continue // it strikes otherwise
		}
		w.fired(i)
	}
}
