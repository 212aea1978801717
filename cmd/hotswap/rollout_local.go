package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/retold"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// world is a fleet whose rollouts are walked from here, with the journals that it keeps.
type world interface {
	server.World
	// Clock is the fleet's, and waits in it.
	Clock() walker.Clock
	// Patience is how long a memory that is away is waited for.
	Patience() time.Duration
	// Walker is who walks a rollout; known is false where nobody can say.
	Walker(ctx context.Context, rollout string) (w retold.Walk, known bool)
	Close() error
}

// worlds are those that can be opened, to look at or, with write, to act in.
type worlds interface {
	open(ctx context.Context, e engine.Environment, plugin string, write bool) (world, error)
	// known are those that are known without being asked for.
	known() ([]contract.Environment, error)
	Close()
}

// local is a place where nobody walks rollouts but who starts them.
type local struct {
	worlds
	what                string // it is, in words
	environment, plugin string // that flags name; "": none
	flags               string // see site

	looking *engine.Runner // of the rollout that was looked at last
	at      world          // its
}

var _ site = (*local)(nil)

// address is the environment and plugin that flags name.
func (l *local) address() (engine.Environment, string, error) {
	e := engine.Environment(l.environment)
	if l.environment == "" || l.plugin == "" {
		return e, l.plugin, fmt.Errorf("%s has rollouts of many plugins: say of which one with --environment and --plugin", l.what)
	}
	if ps := engine.CheckAddress(e, l.plugin); len(ps) > 0 {
		return e, l.plugin, ps
	}
	return e, l.plugin, nil
}

// find opens the world that a rollout is in.
func (l *local) find(ctx context.Context, id string, write bool) (world, engine.Journal, error) {
	places, err := l.places()
	if err != nil {
		return nil, nil, err
	}
	for _, at := range places {
		w, err := l.open(ctx, at.e, at.plugin, write)
		if err != nil {
			return nil, nil, err
		}
		j, err := w.Journals().Open(ctx, id)
		if err == nil {
			return w, j, nil
		}
		if err := errors.Join(w.Close(), ignore(err, engine.ErrNoJournal)); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("%w %q in %s", engine.ErrNoJournal, engine.Shortened(id), l.what)
}

func ignore(err, kind error) error {
	if errors.Is(err, kind) {
		return nil
	}
	return err
}

// addressed is a plugin in an environment.
type addressed struct {
	e      engine.Environment
	plugin string
}

// places are those that flags allow.
func (l *local) places() ([]addressed, error) {
	known, err := l.known()
	if err != nil {
		return nil, err
	}
	if known == nil {
		e, plugin, err := l.address()
		return []addressed{{e, plugin}}, err
	}
	var all []addressed
	for _, e := range known {
		for _, p := range e.Plugins {
			if (l.environment == "" || l.environment == e.Name) && (l.plugin == "" || l.plugin == p) {
				all = append(all, addressed{engine.Environment(e.Name), p})
			}
		}
	}
	return all, nil
}

// compile is a plan, and the world it is for. The caller closes that.
func (l *local) compile(ctx context.Context, a *asked, write bool) (world, engine.Plan, error) {
	w, err := l.open(ctx, engine.Environment(a.environment), a.plugin, write)
	if err != nil {
		return nil, engine.Plan{}, err
	}
	plan, err := server.Compile(ctx, w, w.Journals(), &server.Asked{
		Environment: engine.Environment(a.environment), Plugin: a.plugin, Deployment: a.spec, Restores: a.Restores,
	})
	if err != nil {
		return nil, plan, errors.Join(err, w.Close())
	}
	return w, plan, nil
}

// Plan implements site.
func (l *local) Plan(ctx context.Context, a *asked) (*contract.Plan, error) {
	w, plan, err := l.compile(ctx, a, false)
	if err != nil {
		return nil, err
	}
	told := retold.Plan(&plan, w.Now())
	return &told, w.Close()
}

// Begun implements site.
func (l *local) Begun(ctx context.Context, a *asked) (id string, err error) {
	e := engine.Environment(a.environment)
	w, err := l.open(ctx, e, a.plugin, false)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	last, err := w.Journals().List(ctx, e, a.plugin, engine.Filter{Limit: 1})
	if err != nil || len(last) == 0 || last[0].Outcome != "" {
		return "", err
	}
	j, err := w.Journals().Open(ctx, last[0].Rollout)
	if err != nil {
		return "", err
	}
	plan, err := j.Plan(ctx)
	if err != nil || plan.Restores != a.Restores || a.spec != nil && a.spec.Digest() != plan.Spec.Digest() {
		return "", err
	}
	if is := plan.Outline(); a.Expect != "" && a.Expect != is {
		return "", &codedError{exitRefused, fmt.Errorf("rollout %s is under way with the outline %.12s, and %.12s was approved", plan.Rollout, is, shown(a.Expect))}
	}
	return last[0].Rollout, nil
}

// Start implements site.
func (l *local) Start(ctx context.Context, a *asked) (r *contract.Rollout, err error) {
	w, plan, err := l.compile(ctx, a, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	switch {
	case len(plan.Stages) == 0:
		return nil, &server.NothingError{Environment: plan.Spec.Environment, Plugin: plan.Spec.PluginID, Version: plan.Candidate}
	case a.Expect != "" && a.Expect != plan.Outline():
		return nil, &server.OutlineError{Expected: a.Expect, Plan: plan}
	}
	j, err := w.Journals().Begin(ctx, plan)
	if err != nil {
		return nil, err
	}
	of, err := load(ctx, j)
	if err != nil {
		return nil, err
	}
	told := l.headOf(ctx, w, of, j.Ordinal())
	return &told, nil
}

// load reads a journal.
func load(ctx context.Context, j engine.Journal) (*telling.Rollout, error) {
	plan, events, state, err := engine.LoadState(ctx, j)
	if err != nil {
		return nil, err
	}
	return &telling.Rollout{Plan: *plan, Events: events, State: state}, nil
}

// List implements site.
func (l *local) List(ctx context.Context, q *query) (all []contract.Rollout, now time.Time, err error) {
	places, err := l.places()
	if err != nil {
		return nil, now, err
	}
	for _, at := range places {
		if len(q.environments) > 0 && !slices.Contains(q.environments, string(at.e)) || q.plugin != "" && q.plugin != at.plugin {
			continue
		}
		some, then, err := l.listAt(ctx, at, q)
		if err != nil {
			return nil, now, err
		}
		all = append(all, some...)
		if then.After(now) {
			now = then
		}
	}
	slices.SortStableFunc(all, func(a, b contract.Rollout) int { return b.StartedAt.Compare(a.StartedAt) })
	return all[:min(len(all), q.limit)], now, nil
}

func (l *local) listAt(ctx context.Context, at addressed, q *query) (all []contract.Rollout, now time.Time, err error) {
	w, err := l.open(ctx, at.e, at.plugin, false)
	if err != nil {
		return nil, now, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	heads, err := w.Journals().List(ctx, at.e, at.plugin, engine.Filter{})
	if err != nil {
		return nil, now, err
	}
	for i := range heads {
		h := &heads[i]
		if !q.takes(h) || len(all) >= q.limit {
			continue
		}
		j, err := w.Journals().Open(ctx, h.Rollout)
		if err != nil {
			return nil, now, err
		}
		of, err := load(ctx, j)
		if err != nil {
			return nil, now, err
		}
		all = append(all, l.headOf(ctx, w, of, h.Ordinal))
	}
	return all, w.Now(), nil
}

// takes says whether a rollout is one of those that are asked for.
func (q *query) takes(h *engine.RolloutHead) bool {
	return (len(q.phases) == 0 || slices.Contains(q.phases, string(h.Phase))) &&
		(len(q.outcomes) == 0 || slices.Contains(q.outcomes, string(h.Outcome))) && (!q.unfinished || h.Unfinished())
}

// Environments implements site.
func (l *local) Environments(context.Context) ([]contract.Environment, error) { return l.known() }

// Attended implements site.
func (l *local) Attended() bool { return false }

// Flags implements site.
func (l *local) Flags() string { return l.flags }

// Events implements site. It waits for none: who watches comes again.
func (l *local) Events(ctx context.Context, id string, after int64, wait time.Duration) (events []engine.Event, err error) {
	w, j, err := l.find(ctx, id, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if events, err = j.Events(ctx, after); err == nil && len(events) == 0 && wait > 0 {
		err = walker.Pause(ctx, wait)
	}
	return events, err
}

// runner reads a journal, to look or to write.
func runner(ctx context.Context, w world, j engine.Journal) (*engine.Runner, error) {
	return engine.NewRunner(ctx, ports(w, j))
}

// ports are what a rollout is walked with, and spoken to.
func ports(w world, j engine.Journal) engine.Ports {
	return engine.Ports{Fleet: w, Meter: w, Journal: j, Judge: engine.JudgeByMode{}, Now: w.Now, Writer: rand.Text()}
}
