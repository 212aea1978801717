package manager

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// Times of those who keep instances.
const (
	stopTime  = 15 * time.Second       // for a process that is asked to end; above its own grace
	againTime = 200 * time.Millisecond // between two steps of which the first one changed nothing
	startTime = 10 * time.Second       // for a process to say how it is
	soonAfter = 5 * time.Second        // a death so soon after the start counts as one of it
	routeTime = 5 * time.Second        // for the router to take an instance out
)

// keep brings an instance to what it is to be, and keeps it there, until ctx is done.
func (w *World) keep(ctx context.Context, in *inst) {
	for ctx.Err() == nil {
		w.step(ctx, in)
		w.mu.Lock()
		p := in.proc
		w.mu.Unlock()
		var done chan struct{}
		if p != nil && p.alive() {
			done = p.done
		}
		timer := time.NewTimer(againTime)
		select {
		case <-ctx.Done():
		case <-in.wake:
		case <-timer.C:
		case <-done:
		}
		timer.Stop()
	}
}

// step takes the next step of an instance.
func (w *World) step(ctx context.Context, in *inst) {
	w.mu.Lock()
	want := w.wanted(in.id)
	if want == nil {
		w.mu.Unlock()
		return
	}
	now := *want
	now.Hold = slices.Clone(want.Hold)
	p, faults := in.proc, w.want.Faults
	if in.tried != now.Attempt {
		in.tried, in.trouble, in.quick, in.next = now.Attempt, "", 0, time.Time{}
	}
	var seen *wire.Holding
	if p != nil && p.alive() {
		seen = in.seen
	}
	w.mu.Unlock()
	switch {
	case now.Leaves:
		w.leave(ctx, in, p)
	case p == nil:
		w.start(in, &now)
	case !p.alive():
		w.bury(in, p)
	case w.outdated(p, &now, seen):
		w.end(ctx, in, p)
	case seen != nil:
		w.teach(ctx, in, seen, faults)
		w.fill(ctx, in, &now, seen)
	}
}

// outdated says whether a process has to make room for another one: it is of an earlier
// generation and serves another version, or has not said anything for long.
func (w *World) outdated(p *process, want *wanted, seen *wire.Holding) bool {
	if p.generation == want.Generation {
		return seen != nil && seen.Draining // which was asked to end by a manager that died then
	}
	if seen == nil {
		return time.Since(p.began) > startTime
	}
	return seen.Draining || seen.Default != want.Default
}

// start starts a process.
func (w *World) start(in *inst, want *wanted) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Now().Before(in.next) {
		return
	}
	p, err := w.folder.start(in.id, want.Generation, w.Program, "instance",
		"--id", in.id, "--slot", want.Slot, "--environment", string(w.Environment), "--plugin", w.Plugin, "--catalogue", w.Folder,
		"--token-file", w.TokenFile, "--listen", "127.0.0.1:0", "--default", want.Default, "--hold", strings.Join(want.Hold, ","))
	if err != nil {
		in.trouble, in.next = "its process cannot be started: "+err.Error(), time.Now().Add(soonAfter)
		w.Log.Error("an instance cannot be started", "instance", in.id, "error", err)
		return
	}
	w.Log.Info("an instance is started", "instance", in.id, "pid", p.handle.Pid, "default", want.Default)
	in.proc, in.address, in.seen, in.missed, in.out, in.faults = p, "", nil, time.Time{}, false, ""
	w.tell()
}

// bury notes that a process has died by itself.
func (w *World) bury(in *inst, p *process) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	end := p.end
	if end == "" {
		end = "it was killed, or ended"
	}
	w.Log.Warn("an instance died", "instance", in.id, "pid", p.handle.Pid, "how", end)
	in.died(now)
	if w.Meter != nil {
		w.Meter.Lost(now, in.id)
	}
	if in.quick++; now.Sub(p.began) > soonAfter {
		in.quick = 0
	}
	if in.quick >= 3 {
		in.trouble = fmt.Sprintf("its process ended %d times soon after its start: %s: %s", in.quick, end, lastLine(w.folder.log(in.id)))
	}
	if in.quick > 0 {
		in.next = now.Add(min(100*time.Millisecond<<min(in.quick-1, 10), 5*time.Second))
	}
	_ = os.Remove(p.file) // nobody listens there
	in.proc, in.address, in.seen = nil, "", nil
	w.tell()
	nudge(w.poke)
}

// lastLine is the last line of a log.
func lastLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text[max(0, len(text)-4096):])), "\n")
	last := lines[len(lines)-1]
	return last[:min(len(last), 300)]
}

// end ends a process, without a request that is lost: the router sends it nothing any more,
// what it has ends, and what it counted is read.
func (w *World) end(ctx context.Context, in *inst, p *process) {
	w.mu.Lock()
	in.out = true
	at := in.address
	w.tell()
	w.mu.Unlock()
	nudge(w.poke)
	w.routedOut(ctx, in.id)
	if at != "" {
		if err := w.caller.drain(ctx, at); err != nil && p.alive() {
			w.Log.Warn("an instance does not drain", "instance", in.id, "error", err)
		}
		w.count(ctx, in, p, at)
	}
	if ctx.Err() != nil {
		return // the next manager goes on
	}
	p.stop(stopTime)
	w.mu.Lock()
	defer w.mu.Unlock()
	in.proc, in.address, in.seen = nil, "", nil
	w.tell()
}

// routedOut waits until the router sends no requests to an instance, and it has none from
// it. Where there is no router there are no requests.
func (w *World) routedOut(ctx context.Context, id string) {
	short, cancel := context.WithTimeout(ctx, routeTime)
	defer cancel()
	w.until(short, func() bool {
		at := slices.IndexFunc(w.inForce.Instances, func(r wire.Routed) bool { return r.ID == id })
		return at < 0 || !w.inForce.Instances[at].Ready
	})
	for short.Err() == nil {
		n, err := w.router.InFlight(short, id)
		if err != nil || n == 0 {
			return
		}
		pause(short, 20*time.Millisecond)
	}
}

// pause waits, or until ctx is done.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// leave ends an instance for good.
func (w *World) leave(ctx context.Context, in *inst, p *process) {
	if p != nil && p.alive() {
		w.end(ctx, in, p)
	}
	if ctx.Err() != nil {
		return
	}
	err := w.change(func(d *desired) error {
		d.Instances = slices.DeleteFunc(d.Instances, func(i *wanted) bool { return i.ID == in.id && i.Leaves })
		return nil
	})
	if err != nil {
		w.Log.Error("an instance that left cannot be forgotten", "instance", in.id, "error", err)
		return
	}
	w.mu.Lock()
	delete(w.runs, in.id)
	w.tell()
	w.mu.Unlock()
	in.forget()
}

// teach has an instance make the faults that there are.
func (w *World) teach(ctx context.Context, in *inst, seen *wire.Holding, f wire.Faults) {
	said := seen.Boot + fmt.Sprint(f)
	w.mu.Lock()
	known, at := in.faults == said || in.faults == "" && len(f.Faults) == 0, in.address
	w.mu.Unlock()
	if known {
		return
	}
	if err := w.caller.faults(ctx, at, f); err != nil {
		w.Log.Warn("an instance does not take faults", "instance", in.id, "error", err)
		return
	}
	w.mu.Lock()
	in.faults = said
	w.mu.Unlock()
}
