package conformance

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// run is a run of clauses against one fleet.
type run struct {
	Settings
	caller  *caller
	base    []string // of the sandbox's path
	service contract.Service
	able    map[engine.Capability]bool
	fleet   contract.Fleet
	clock   walker.Time
	box     sandbox
	going   going
	failed  map[string]bool // clauses that did not hold, or were not run
	report  Report
}

// atOnce is how many requests of a race are under way.
const atOnce = 16

// Run holds a fleet to the contract. The error says why that cannot be done: there is
// nobody, or no sandbox. What does not hold is no error.
func Run(ctx context.Context, s Settings) (*Report, error) {
	r, err := newRun(s)
	if err != nil {
		return nil, err
	}
	defer r.caller.conn.Close()
	if err := r.arrive(ctx); err != nil {
		return nil, err
	}
	clauses := Clauses()
	wanted := closure(clauses, func(c *Clause) bool { return s.Only == nil || s.Only(c.ID) })
	for i := range clauses {
		if !wanted[clauses[i].ID] {
			continue
		}
		result := r.try(ctx, clauses[i])
		r.failed[result.Clause.ID] = result.Verdict == Fails || result.Verdict == NotRun
		r.report.Results = append(r.report.Results, result)
		if s.Tell != nil {
			s.Tell(result)
		}
	}
	r.leave(ctx)
	return &r.report, ctx.Err()
}

func newRun(s Settings) (*run, error) {
	s.Connection.MaxConcurrency = atOnce
	conn, err := connect.New(s.Connection)
	if err != nil {
		return nil, err
	}
	doc, err := readDocument()
	if err != nil {
		return nil, err
	}
	c := &caller{conn: conn, ledger: &ledger{doc: doc}, secret: s.Secret}
	return &run{Settings: s, caller: c, failed: map[string]bool{}, able: map[engine.Capability]bool{}, going: going{id: prefix + strings.ToLower(rand.Text()[:10])}}, nil
}

// try tries a clause.
func (r *run) try(ctx context.Context, c Clause) (result Result) {
	result = Result{Clause: c, Verdict: Holds}
	start := r.clock.Now()
	r.caller.begin()
	defer func() { result.Took = r.clock.Now().Sub(start) }()
	if why, verdict := r.unfit(ctx, &c); verdict != "" {
		result.Verdict, result.Why = verdict, why
		return result
	}
	if f := r.attempt(ctx, c.try); f != nil {
		result.Verdict, result.Why = f.verdict, f.why
		switch {
		case f.verdict != Fails:
		case f.shown != nil:
			result.Exchanges = []Exchange{*f.shown}
		default:
			result.Exchanges = r.caller.shown(shownOf)
		}
	}
	r.tidy(ctx, &result)
	return result
}

// shownOf is how many exchanges show why a clause does not hold.
const shownOf = 2

// unfit says why a clause is not tried.
func (r *run) unfit(ctx context.Context, c *Clause) (why string, v Verdict) {
	if ctx.Err() != nil {
		return "the run was interrupted", NotRun
	}
	if need := c.missing(r.fleet.Capabilities.Can); need != "" {
		return fmt.Sprintf("the fleet has not the capability %s", need), LeftOut
	}
	if c.Lacks != "" && r.able[c.Lacks] {
		return fmt.Sprintf("the fleet has the capability %s", c.Lacks), LeftOut
	}
	for _, id := range c.After {
		if r.failed[id] {
			return id + " does not hold, or was not run", NotRun
		}
	}
	return "", ""
}

// attempt tries something, and gives what was found; nil: all is as it has to be.
func (r *run) attempt(ctx context.Context, try func(*trial)) (f *found) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case found:
			f = &p
		default:
			panic(p)
		}
	}()
	try(&trial{run: r, ctx: ctx})
	return nil
}

// leaving is how long the way out may take after an interrupt.
const leaving = 2 * time.Minute

// tidy puts the sandbox back where a clause left it changed, and ends what one that does
// not hold may have begun.
func (r *run) tidy(ctx context.Context, of *Result) {
	ctx, stop := walker.Grace(ctx, leaving)
	defer stop()
	if of.Verdict == Fails {
		_ = r.attempt(ctx, (*trial).endRollouts) // what cannot be ended is told by the clause that comes upon it
	}
	if !r.box.touched {
		return
	}
	if f := r.attempt(ctx, (*trial).restore); f != nil {
		r.box.lost = fmt.Sprintf("after %s the sandbox could not be put back as it was: %s", of.Clause.ID, f.why)
	}
}

// leave ends what was begun, and says how the sandbox differs from how it was found.
func (r *run) leave(ctx context.Context) {
	ctx, stop := walker.Grace(ctx, leaving)
	defer stop()
	var left []string
	for _, last := range []func(*trial){(*trial).restore, (*trial).endRollouts} {
		if f := r.attempt(ctx, last); f != nil {
			left = append(left, f.why)
		}
	}
	r.report.Left = strings.Join(slices.Compact(left), "; ")
}
