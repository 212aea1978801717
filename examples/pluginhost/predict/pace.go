package predict

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// pace is how long things take between the engine and a world. The simulator's own answers
// take no time, and its instances swap versions at once; that cannot be said of processes, and
// where a stage has ten seconds it shows.
type pace struct {
	s   *Setting
	r   *rand.Rand
	w   *simulator.World
	due time.Time // when the last swap is in effect
	// replaced is how long instances of this run take to be replaced together.
	replaced Replaced
	// born is when the candidate first got requests: who follows counters of instances counts
	// one that is new from 0, and the simulator from its first sample on.
	born time.Time
	// hashes are the tenants' places on the ring of the router, 0..1, of which a slot has a piece.
	hashes []float64
	// seen is when who counts has found the first instances that are new processes.
	seen time.Time
}

// paced is a scenario as a run of a seed plays it, and its options.
func (s *Setting) paced(played *scenario.Scenario, seed int64) (*scenario.Scenario, scenario.Options) {
	p := &pace{s: s, r: rand.New(rand.NewPCG(uint64(seed), 0x70616365))}
	if len(s.Replaced) > 0 && s.replaces() {
		one, busy := s.Replaced[p.r.IntN(len(s.Replaced))], math.Exp(busier*p.r.NormFloat64())
		p.replaced = Replaced{one.First * busy, one.Last * busy}
		own := *played
		own.World.InstallSeconds = max(0, p.replaced.First-drain-startup)
		played = &own
	}
	for range s.Tenants {
		p.hashes = append(p.hashes, p.r.Float64())
	}
	return played, scenario.Options{
		Before: s.know,
		Fleet: func(w *simulator.World, f engine.Fleet) engine.Fleet {
			p.w = w
			return pacedFleet{f, p}
		},
		Meter: func(w *simulator.World) engine.Meter { return pacedMeter{w, p} },
	}
}

// know has a fleet know of its tenants what is known of them.
func (s *Setting) know(of *engine.Snapshot) {
	if s.Past == nil {
		return
	}
	for i := range of.Tenants {
		t := &of.Tenants[i]
		was := s.Past[t.ID]
		t.PriorRequests, t.PriorErrors = was.Requests, was.Errors
	}
}

// busier is how unlike the times are that the same work takes on the same machine: the standard
// deviation of their logarithm.
const busier = 0.3

// replaces says whether the strategy has instances replaced.
func (s *Setting) replaces() bool {
	return s.Deployment.Strategy == engine.Direct || s.Deployment.Strategy == engine.Rolling
}

// pass lets as much time pass as one of those took.
func (p *pace) pass(took []float64) {
	if one := p.one(took); one > 0 {
		p.w.RunUntil(p.w.Now().Add(seconds(one)))
	}
}

// one is one of those, at random; 0 where there are none.
func (p *pace) one(took []float64) float64 {
	if len(took) == 0 {
		return 0
	}
	return took[p.r.IntN(len(took))]
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

type pacedFleet struct {
	engine.Fleet
	p *pace
}

// Make implements engine.Fleet.
func (f pacedFleet) Make(ctx context.Context, o engine.Order) error {
	switch o.Change.Kind {
	case engine.Pin, engine.Shift, engine.Replace, engine.Activate:
		if f.p.born.IsZero() {
			f.p.born = f.p.w.Now()
			if o.Change.Kind == engine.Replace {
				found := f.p.s.Discovery*f.p.r.Float64() + f.p.s.scrape()*f.p.r.Float64() // and then it is asked for the first time
				f.p.seen = f.p.born.Add(seconds(f.p.replaced.First + found))
			}
		}
	}
	o.Change.Routes = f.p.hashed(o.Change.Routes)
	err := f.Fleet.Make(ctx, o)
	f.p.pass(f.p.s.Calls)
	took := 0.0
	switch o.Change.Kind {
	case engine.Replace: // who is ready meanwhile serves
		took = f.p.replaced.Last
	case engine.Activate, engine.Remove, engine.Retire:
		took = or(f.p.s.Swap, 0.3)
	case engine.Pin, engine.Unpin, engine.Shift:
		// A table goes to the router and is read back, which takes no longer than a question: now and
		// then the first look, which asks one before, is too early, and the next one a second later.
		took = f.p.one(f.p.s.Counts) * f.p.r.Float64()
	}
	if due := f.p.w.Now().Add(seconds(took)); took > 0 && due.After(f.p.due) {
		f.p.due = due
	}
	return err
}

// hashed are routes as a router that hashes tenants has them: a slot gets those whose hash is in its
// piece, which is the share that is asked for on average. The simulated fleet deals tenants evenly.
func (p *pace) hashed(routes []engine.Route) []engine.Route {
	if len(p.hashes) == 0 {
		return routes
	}
	dealt, from := slices.Clone(routes), 0.0
	for i, r := range routes {
		to, tenants := from+r.Percent/100, 0
		for _, h := range p.hashes {
			if h >= from && (h < to || i == len(routes)-1) {
				tenants++
			}
		}
		dealt[i].Percent, from = 100*float64(tenants)/float64(len(p.hashes)), to
	}
	return dealt
}

// Look implements engine.Fleet.
func (f pacedFleet) Look(ctx context.Context, w engine.Watch) (engine.Condition, error) {
	f.p.pass(f.p.s.Calls)
	c, err := f.Fleet.Look(ctx, w)
	if err == nil && f.p.w.Now().Before(f.p.due) {
		c.Pending++
	}
	return c, err
}

type pacedMeter struct {
	engine.Meter
	p *pace
}

// Measure implements engine.Meter.
func (m pacedMeter) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	p := m.p
	if (q.Candidate|q.Baseline)&engine.WantByTenant != 0 {
		p.pass(p.s.ByTenant)
	} else {
		p.pass(p.s.Counts)
	}
	asked := q
	since, scrape := q.From.Sub(p.born), seconds(p.s.scrape())
	if !p.born.IsZero() && since >= 0 && since < 2*scrape {
		q.From = q.From.Add(-scrape)
	}
	a, err := m.Meter.Measure(ctx, q)
	if err != nil || !asked.From.Before(p.seen) {
		return a, err
	}
	// Who counts found the candidate's instances later than that: what they have counted by then is
	// all of it new.
	if asked.From = p.born; p.w.Now().Before(p.seen) {
		asked.To = asked.From // nobody knows of it yet
	}
	own, err := m.Meter.Measure(ctx, asked)
	a.Candidate = own.Candidate
	return a, err
}
