package manager

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// How often an instance is asked.
const (
	tick      = 50 * time.Millisecond
	calmTicks = 8  // between questions for the state of one of which nothing is expected
	probeTick = 20 // between probes, and between counts
)

// ProbeInterval is the time between two probes of an instance.
const ProbeInterval = probeTick * tick

// watch asks an instance how it is, until ctx is done.
func (w *World) watch(ctx context.Context, in *inst) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for n := int(hashOf(in.id) % probeTick); ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		p, at, soon := w.whom(in)
		if at == "" {
			continue
		}
		well := true
		if soon || n%calmTicks == 0 {
			well = w.hear(ctx, in, p, at)
		}
		if well && n%probeTick == 0 {
			w.count(ctx, in, p, at)
			w.probe(ctx, in, p, at)
		}
	}
}

// hashOf spreads instances over time.
func hashOf(id string) (h uint32) {
	for i := range len(id) {
		h = h*31 + uint32(id[i])
	}
	return h
}

// whom is the process to ask, and where; "": there is none yet. soon: something is expected.
func (w *World) whom(in *inst) (p *process, at string, soon bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if in.proc == nil || !in.proc.alive() {
		return nil, "", false
	}
	if in.address == "" {
		if in.address = in.proc.address(); in.address == "" {
			return nil, "", false
		}
	}
	want := w.wanted(in.id)
	return in.proc, in.address, want == nil || !in.as(want) || !in.seen.Ready
}

// wanted is what an instance is to be, of whoever has the lock; nil: it is forgotten.
func (w *World) wanted(id string) *wanted {
	for _, in := range w.want.Instances {
		if in.ID == id {
			return in
		}
	}
	return nil
}

// hear asks for the state, and says whether it was told.
func (w *World) hear(ctx context.Context, in *inst, p *process, at string) bool {
	asked := time.Now()
	h, err := w.caller.state(ctx, at)
	if ctx.Err() != nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if in.proc != p {
		return false
	}
	if err != nil || h.Instance != in.id {
		w.miss(in, asked)
		return false
	}
	in.missed = time.Time{}
	news := in.seen == nil || told(in.seen) != told(&h)
	in.seen, in.heard = &h, time.Now()
	if in.probes.boot != h.Boot || in.probes.version != h.Default {
		in.probes = probes{boot: h.Boot, version: h.Default}
	}
	if in.version != h.Default || in.since.IsZero() {
		in.version, in.since = h.Default, in.heard
	}
	if news {
		w.tell()
		in.wakeUp()
		nudge(w.poke)
	}
	return true
}

// miss notes that an instance did not answer, of whoever has the lock.
func (w *World) miss(in *inst, asked time.Time) {
	if in.missed.IsZero() {
		in.missed = asked
	}
	if in.seen != nil && !in.out && in.proc.alive() { // who is not answered here is not answered there
		in.probes.failures++
	}
	if in.silent() {
		nudge(w.poke)
	}
}

// told is what of a state others depend on.
func told(h *wire.Holding) string {
	text := h.Boot + " " + h.Default
	if h.Ready {
		text += " ready"
	}
	if h.Draining {
		text += " draining"
	}
	for _, p := range h.Plugins {
		text += " " + p.Version + " " + string(p.State) + " " + p.Error
	}
	return text
}

// probe asks for readiness.
func (w *World) probe(ctx context.Context, in *inst, p *process, at string) {
	w.mu.Lock()
	before := in.probes
	skip := in.out || in.seen == nil
	w.mu.Unlock()
	if skip {
		return
	}
	err := w.caller.probe(ctx, at)
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if in.proc != p || !p.alive() || in.out || in.probes.boot != before.boot || in.probes.version != before.version {
		return
	}
	if err != nil {
		in.probes.failures++
		return
	}
	in.probes.failures, in.probes.proven = 0, true
}

// count reads what an instance counted.
func (w *World) count(ctx context.Context, in *inst, p *process, at string) {
	if w.Meter == nil {
		return
	}
	n, err := w.caller.counts(ctx, at)
	if err != nil {
		return // it is missing from then on, which the coverage tells
	}
	w.mu.Lock()
	slot, use := "", wire.Holding{}
	if want := w.wanted(in.id); want != nil {
		slot = want.Slot
	}
	if in.proc == p && in.seen != nil {
		use = *in.seen
	}
	w.mu.Unlock()
	w.Meter.Read(time.Now(), in.id, slot, &n, &use)
}
