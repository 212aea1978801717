package worlds

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql"
)

// extension is a world of servers of PostgreSQL. Its journals are in the store.
type extension struct {
	*postgresql.Fleet
	now func() time.Time
}

// serve opens the extensions of an environment.
func (w *Worlds) serve(s *Spec, clock postgresql.Clock) error {
	if s.PostgreSQL == nil {
		return nil
	}
	for _, plugin := range s.Plugins {
		at := address{s.Name, plugin}
		if w.served[at] != nil {
			continue
		}
		f, err := postgresql.Open(s.Name, plugin, *s.PostgreSQL, clock)
		if err != nil {
			return fmt.Errorf("environments.%s: %w", s.Name, err)
		}
		w.served[at] = &extension{f, clock.Now}
	}
	return nil
}

// Describe implements [engine.Fleet]: an update of an extension takes no server out of service.
func (x *extension) Describe(ctx context.Context) (engine.Head, error) {
	h, err := x.Fleet.Describe(ctx)
	h.KeepsServing = err == nil
	return h, err
}

// Now implements server.World.
func (x *extension) Now() time.Time { return x.now() }

// Complete implements server.World: the servers count themselves.
func (x *extension) Complete(context.Context, *engine.Snapshot) error { return nil }

// Journals implements server.World.
func (x *extension) Journals() engine.Journals { return nil }

// Began implements server.World: servers want to know nothing.
func (x *extension) Began(string) error { return nil }

// Attend implements server.World: who walks is agreed in the store.
func (x *extension) Attend(context.Context, string, string, time.Time) error { return nil }

// Leave implements server.World.
func (x *extension) Leave(context.Context, string, string) {}
