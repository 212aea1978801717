package worlds

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
)

// place is a world that is simulated here. Its journals are in the store.
type place struct {
	simulated.Ports
	at *simulated.Place
}

// Now implements server.World.
func (p *place) Now() time.Time { return p.at.Now() }

// Complete implements server.World: the fleet counts itself.
func (p *place) Complete(context.Context, *engine.Snapshot) error { return nil }

// Journals implements server.World.
func (p *place) Journals() engine.Journals { return nil }

// Began implements server.World.
func (p *place) Began(rollout string) error { return p.Hear(rollout) }

// Attend implements server.World: nobody else can walk here.
func (p *place) Attend(context.Context, string, string, time.Time) error { return nil }

// Leave implements server.World.
func (p *place) Leave(context.Context, string, string) {}
