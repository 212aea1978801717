package launch

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// greetFor is how long a fleet has to answer when the server starts.
const greetFor = 30 * time.Second

// greet asks the fleet of an environment once, so that whoever starts a server hears of one that
// does not answer before a rollout does. Nothing waits for it.
func (l *Launched) greet(ctx context.Context, e server.Environment) {
	asked, cancel := walker.Within(ctx, greetFor)
	defer cancel()
	l.worlds.Reach(asked, e, func(plugin string, err error) {
		if ctx.Err() != nil {
			return // the server ends
		}
		about := []any{"environment", e.Name, "fleet", e.Fleet, "error", engine.Visible(err.Error())}
		if plugin != "" {
			about = append(about, "plugin", plugin)
		}
		l.options.Log.Warn("a fleet does not answer; the server runs, and asks again when it is needed", about...)
	})
}
