package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Make implements [engine.Fleet]: it changes what is asked for, and wakes those who carry it
// out.
func (f *Fleet) Make(ctx context.Context, o engine.Order) error {
	if err := f.ready(ctx); err != nil {
		return &engine.Unavailable{Err: err}
	}
	if why := f.never(&o); why != "" {
		return &engine.Refused{Reason: why}
	}
	fresh, err := f.learn(ctx, &o)
	if err != nil {
		return &engine.Unavailable{Err: err}
	}
	err = f.control.change(ctx, func(d *desired) error { return f.take(d, &o, fresh) })
	var uncertain uncertainError
	var refused *engine.Refused
	switch {
	case err == nil:
		for _, s := range f.servers {
			s.wake()
		}
		return nil
	case errors.Is(err, engine.ErrSuperseded) || errors.As(err, &uncertain) || errors.As(err, &refused):
		return err
	default:
		return &engine.Unavailable{Err: err}
	}
}

// take changes what is asked for as an order says, unless it is too old or cannot be.
func (f *Fleet) take(d *desired, o *engine.Order, fresh []*server) error {
	again, err := d.fence(o)
	if err != nil || again {
		return err
	}
	if o.Ordinal > d.Ordinal {
		for _, s := range fresh {
			d.byHand(s.Name, s.wanted(d).Default, s.census().versions)
		}
	}
	servers := f.targets(o)
	if err := f.adopt(d, o, servers); err != nil {
		return err
	}
	if why := f.drops(d, o, servers); why != "" {
		return &engine.Refused{Reason: why}
	}
	d.take(o, servers)
	return nil
}

// learn asks all databases of which version they are, before the first order of a rollout: who
// was updated by hand since the one before is left alone. It gives the servers that answered.
func (f *Fleet) learn(ctx context.Context, o *engine.Order) ([]*server, error) {
	d, err := f.control.load(ctx)
	if err != nil || o.Ordinal <= d.Ordinal {
		return nil, err
	}
	var mu sync.Mutex
	var fresh []*server
	each(f.servers, len(f.servers), func(s *server) {
		if s.survey(ctx) == nil {
			mu.Lock()
			defer mu.Unlock()
			fresh = append(fresh, s)
		}
	})
	return fresh, nil
}

// never says why an order will never be carried out, whatever there is; "": it may be.
func (f *Fleet) never(o *engine.Order) string {
	switch c := &o.Change; c.Kind {
	case engine.Install, engine.Replace, engine.Remove, engine.Pin:
		if c.Version == "" {
			return fmt.Sprintf("%s: names no version", c.Kind)
		}
	case engine.Activate, engine.Unpin:
	default:
		return fmt.Sprintf("%s: servers of PostgreSQL have no slots, routes and smoke tests", engine.Shortened(string(c.Kind)))
	}
	return ""
}

// targets are the servers that an order is about and that there are.
func (f *Fleet) targets(o *engine.Order) (names []string) {
	add := func(name string) {
		if f.server(name) != nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i := range o.Instances {
		add(o.Instances[i].ID)
	}
	for _, name := range o.Change.Named {
		add(name)
	}
	return names
}

// adopt notes of servers that an order is about, and nothing is known of, what they have: what
// is the default is not to change because databases are pinned.
func (f *Fleet) adopt(d *desired, o *engine.Order, servers []string) error {
	for i := range o.Tenants {
		if name, _, ok := strings.Cut(o.Tenants[i].ID, "/"); ok && f.server(name) != nil && !slices.Contains(servers, name) {
			servers = append(servers, name)
		}
	}
	for _, name := range servers {
		if d.Servers[name] != nil && d.Servers[name].Default != "" {
			continue
		}
		s := f.server(name)
		if s.census() == nil {
			_, _, why := s.well()
			return &AwayError{name, "it is not known what it has: " + why}
		}
		w := s.wanted(d)
		for _, v := range s.served() {
			w.hold(v)
		}
		d.Servers[name] = &w
	}
	return nil
}

// drops says which server would have to drop the extension, which takes its tables along; "":
// none.
func (f *Fleet) drops(d *desired, o *engine.Order, servers []string) string {
	for _, name := range servers {
		w := d.Servers[name]
		gone := o.Change.Kind == engine.Activate && o.Change.Version == "" || o.Change.Kind == engine.Remove && w.Default == o.Change.Version
		if n := len(f.server(name).served()); gone && n > 0 {
			return fmt.Sprintf("%s on server %s have the extension: it is not dropped, because that would drop its tables too; "+
				"DROP EXTENSION by hand where that is meant", databases(n), name)
		}
	}
	return ""
}
