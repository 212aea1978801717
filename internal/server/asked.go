package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Asked is a rollout that somebody asks for.
type Asked struct {
	Environment engine.Environment
	Plugin      string
	// Deployment is what to roll out; nil: Restores is asked for.
	Deployment *engine.Spec
	// Restores is the rollout whose effect is taken back: each target goes to what it ran before.
	Restores string
	// Expect is the outline of the plan that was approved, see engine.Plan.Outline; "": whatever
	// it is now.
	Expect string
	// Key is the idempotency key, Request the digest of what was asked for with it.
	Key, Request string
	// Text is what was asked for, as it came.
	Text []byte
	By   string
}

// OutlineError says that a rollout would not be the one that was approved.
type OutlineError struct {
	Expected string
	Plan     engine.Plan // what it would be
}

// Error says so, and what it would be.
func (e *OutlineError) Error() string {
	return fmt.Sprintf("the fleet changed since the plan: the rollout would now be %s, which has the outline %.12s, and %.12s was approved",
		engine.Headline(&e.Plan), e.Plan.Outline(), e.Expected)
}

// NothingError says that there is nothing to roll out.
type NothingError struct {
	Environment engine.Environment
	Plugin      string
	Version     string
}

// Error says why.
func (e *NothingError) Error() string {
	return fmt.Sprintf("every instance in %s runs %s %s: there is nothing to roll out", e.Environment, e.Plugin, e.Version)
}

// Plan compiles what a rollout would be that began now. Nothing is written.
func (s *Server) Plan(ctx context.Context, a *Asked) (engine.Plan, error) {
	w, err := s.Worlds.World(a.Environment, a.Plugin)
	if err != nil {
		return engine.Plan{}, err
	}
	return compile(ctx, w, s.Journals(w), a, s.idFor)
}

// Compile is the plan of what is asked for, for a world as it is now. js remember its rollouts.
func Compile(ctx context.Context, w World, js engine.Journals, a *Asked) (engine.Plan, error) {
	return compile(ctx, w, js, a, func(_ context.Context, a *Asked, next int64) (string, error) {
		return engine.RolloutID(a.Environment, a.Plugin, next), nil
	})
}

// compile is Compile, of a rollout that is called as name says.
func compile(ctx context.Context, w World, js engine.Journals, a *Asked, name func(context.Context, *Asked, int64) (string, error)) (engine.Plan, error) {
	if ps := a.check(); len(ps) > 0 {
		return engine.Plan{}, ps
	}
	snapshot, err := engine.ReadSnapshot(ctx, w)
	if err == nil {
		err = w.Complete(ctx, &snapshot)
	}
	if err != nil {
		return engine.Plan{}, &FleetError{err}
	}
	if w.Journals() == nil { // the store is as good a memory as the fleet's
		snapshot.Capabilities.Lacks = Remembered(snapshot.Capabilities.Lacks)
	}
	last, err := js.List(ctx, a.Environment, a.Plugin, engine.Filter{Limit: 1})
	if err != nil {
		return engine.Plan{}, err
	}
	next := int64(1)
	if len(last) > 0 {
		next = last[0].Ordinal + 1
	}
	id, err := name(ctx, a, next)
	if err != nil {
		return engine.Plan{}, err
	}
	if a.Deployment != nil {
		return engine.Compile(id, *a.Deployment, snapshot)
	}
	of, err := a.restored(ctx, js)
	if err != nil {
		return engine.Plan{}, err
	}
	return engine.CompileRestore(id, *of, snapshot)
}

// restored is the plan of the rollout that is taken back, which has to be one of the world's.
func (a *Asked) restored(ctx context.Context, js engine.Journals) (*engine.Plan, error) {
	j, err := js.Open(ctx, a.Restores)
	if err != nil {
		return nil, err
	}
	of, err := j.Plan(ctx)
	if err == nil && (of.Spec.Environment != a.Environment || of.Spec.PluginID != a.Plugin) { // the store has those of all
		err = fmt.Errorf("%s: %w", a.Restores, engine.ErrNoJournal)
	}
	return of, err
}

// idFor is the id of the next rollout. Names that differ in their case alone make the same
// ids, and the store has the rollouts of all: the later one then also says whose it is.
func (s *Server) idFor(ctx context.Context, a *Asked, next int64) (string, error) {
	id := engine.RolloutID(a.Environment, a.Plugin, next)
	r, err := s.Store.Rollout(ctx, id)
	switch {
	case errors.Is(err, engine.ErrNoJournal):
		return id, nil
	case err != nil:
		return "", err
	case r.Environment == a.Environment && r.Plugin == a.Plugin:
		return id, nil
	}
	sum := sha256.Sum256([]byte(string(a.Environment) + "\x00" + a.Plugin))
	return fmt.Sprintf("%s@%x", id, sum[:4]), nil
}

// Remembered is what a fleet lacks, but for the journal: a server remembers.
func Remembered(lacks []engine.Capability) []engine.Capability {
	var others []engine.Capability
	for _, c := range lacks {
		if c != engine.CanJournal {
			others = append(others, c)
		}
	}
	return others
}

// check finds what can be seen without a fleet.
func (a *Asked) check() engine.Problems {
	switch {
	case (a.Deployment == nil) == (a.Restores == ""):
		return engine.Problems{{Path: "deployment", Rule: "or restores has to be given, and not both"}}
	case a.Deployment == nil:
		return nil
	}
	var ps engine.Problems
	if e := a.Deployment.Environment; e != a.Environment {
		ps = append(ps, engine.Problem{Path: "environment", Value: string(e), Rule: fmt.Sprintf("is not %s, of the path", a.Environment)})
	}
	if p := a.Deployment.PluginID; p != a.Plugin {
		ps = append(ps, engine.Problem{Path: "pluginId", Value: p, Rule: fmt.Sprintf("is not %s, of the path", a.Plugin)})
	}
	return append(ps, a.Deployment.Validate()...)
}

// FleetError says that a fleet cannot be read.
type FleetError struct{ Err error }

// Error says why.
func (e *FleetError) Error() string { return "the fleet cannot be read: " + e.Err.Error() }

// Unwrap is why.
func (e *FleetError) Unwrap() error { return e.Err }

// Start begins a rollout and has it walked. fresh: it did not begin before, with the same key.
func (s *Server) Start(ctx context.Context, a *Asked) (r store.Rollout, fresh bool, err error) {
	w, err := s.Worlds.World(a.Environment, a.Plugin)
	if err != nil {
		return r, false, err
	}
	var taken *engine.RolloutTakenError
	for range mostTries { // another one began since the plan was made: what there is now says what to answer
		if r, fresh, err = s.start(ctx, w, a); !errors.As(err, &taken) {
			break
		}
	}
	return r, fresh, err
}

// mostTries is how often a start is tried where others begin at the same time.
const mostTries = 10

// start is Start, of a plan that is made now.
func (s *Server) start(ctx context.Context, w World, a *Asked) (r store.Rollout, fresh bool, err error) {
	if a.Key != "" {
		if r, err := s.startedBefore(ctx, a); r != nil || err != nil {
			return deref(r), false, err
		}
	}
	plan, err := compile(ctx, w, s.Journals(w), a, s.idFor)
	switch {
	case err != nil:
		return r, false, err
	case len(plan.Stages) == 0:
		return r, false, &NothingError{a.Environment, a.Plugin, plan.Candidate}
	case a.Expect != "" && a.Expect != plan.Outline():
		return r, false, &OutlineError{a.Expect, plan}
	}
	id, fresh, err := s.begin(ctx, w, a, plan)
	if err != nil {
		return r, false, err
	}
	s.schedule.add(id, a.Environment, a.Plugin, false)
	if r, err = s.Store.Rollout(ctx, id); err == nil && fresh {
		s.Watch.Began(r.RolloutHead)
	}
	return r, fresh, err
}

func deref(r *store.Rollout) store.Rollout {
	if r == nil {
		return store.Rollout{}
	}
	return *r
}

// startedBefore is the rollout that was started with the key; nil: none was.
func (s *Server) startedBefore(ctx context.Context, a *Asked) (*store.Rollout, error) {
	id, request, err := s.Store.Keyed(ctx, a.Key)
	if err != nil || id == "" {
		return nil, err
	}
	if request != a.Request {
		return nil, &store.StartedError{Rollout: id, Differs: true}
	}
	r, err := s.Store.Rollout(ctx, id)
	return &r, err
}

// begin writes a rollout down.
func (s *Server) begin(ctx context.Context, w World, a *Asked, plan engine.Plan) (id string, fresh bool, err error) {
	start := store.Start{Key: a.Key, Request: a.Request, Deployment: a.Text, By: a.By, Walked: true, At: s.Now()}
	if own := w.Journals(); own != nil {
		_, err = (&mirrored{own, s.Store, s.Log}).start(ctx, plan, start)
		var unfinished *engine.UnfinishedError
		if errors.As(err, &unfinished) {
			if adopted := s.adopt(ctx, w, unfinished.Rollout, start); adopted {
				return unfinished.Rollout, false, nil
			}
		}
	} else if _, err = s.Store.Start(ctx, plan, start); err == nil {
		if untold := w.Began(plan.Rollout); untold != nil { // it hears of it with the first order
			s.Log.Warn("the fleet was not told that a rollout begins", "rollout", plan.Rollout, "error", untold)
		}
	}
	var before *store.StartedError
	if errors.As(err, &before) && !before.Differs {
		return before.Rollout, false, nil
	}
	return plan.Rollout, err == nil, err
}

// adopt takes over what this very server began at a fleet and was killed before it wrote it
// down: a rollout of which nothing happened yet, that the store does not know, and that asks
// for the same.
func (s *Server) adopt(ctx context.Context, w World, id string, start store.Start) bool {
	if _, err := s.Store.Rollout(ctx, id); !errors.Is(err, engine.ErrNoJournal) {
		return false
	}
	j, err := w.Journals().Open(ctx, id)
	if err != nil {
		return false
	}
	plan, events, _, err := engine.LoadState(ctx, j)
	if err != nil || len(events) > 0 {
		return false
	}
	asked, err := engine.DecodeSpec(start.Deployment)
	if err != nil || asked.Digest() != plan.Spec.Digest() {
		return false
	}
	start.Ordinal = j.Ordinal()
	_, err = s.Store.Start(ctx, *plan, start)
	return err == nil
}
