package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// usualBlockingWait is how long an apply waits for a rollout that goes on without it, where
// nobody says.
const usualBlockingWait = time.Hour

// way is how the rollouts of a provider go on.
type way int

const (
	byClock      way = iota // the clock of a simulated fleet carries them, also where an apply leaves them to it
	byApply                 // an apply walks them, and nobody else
	byController            // a controller walks them
)

// way is that of the provider's fleet.
func (c *connection) way() way {
	switch unwrapped(c.worlds).(type) {
	case *controllerWorlds:
		return byController
	case *fleetWorlds:
		return byApply
	default:
		return byClock
	}
}

// unwrapped are the worlds without who may use them.
func unwrapped(w worlds) worlds {
	if a, ok := w.(allowedWorlds); ok {
		return a.worlds
	}
	return w
}

// waits says whether an apply waits for its rollout.
func (m *deploymentModel) waits() bool { return m.WaitForCompletion.ValueBool() }

// waitSoFar is whether an apply waits as long as nothing begins: as when the last rollout began,
// which earlier versions and fleets without a controller always waited for.
func (r *deploymentResource) waitSoFar(prior *deploymentModel, asked types.Bool) types.Bool {
	switch {
	case prior == nil || !asked.IsNull():
		return asked
	case prior.WaitForCompletion.IsNull(), r.conn.known() && r.conn.way() == byApply:
		return types.BoolValue(true)
	}
	return prior.WaitForCompletion
}

// planWait settles whether the apply waits, as far as it can be known. asked is what the
// configuration says, and begins that the apply begins a rollout: one that goes on is waited
// for as when it began.
func (r *deploymentResource) planWait(ctx context.Context, p *planning, asked types.Bool, begins bool) (diags diag.Diagnostics) {
	plan := p.plan
	strategy, length, known := engine.Strategy(plan.Strategy.ValueString()), time.Duration(0), false
	if begins && !plan.Strategy.IsUnknown() {
		length, known = lengthOf(ctx, plan.Stages)
	}
	switch {
	case !asked.IsNull():
		plan.WaitForCompletion = asked
	case !begins: // as waitSoFar says
	case !r.conn.known(), r.conn.way() == byController && !known:
		plan.WaitForCompletion = types.BoolUnknown()
	default:
		plan.WaitForCompletion = r.conn.waitsByDefault(strategy, length)
	}
	if r.conn.known() && r.conn.way() == byApply {
		r.warnWait(p, length, &diags)
	}
	return diags
}

// warnWait says what is wrong with whether to wait for a rollout that takes so long, where nobody
// but the apply walks it.
func (r *deploymentResource) warnWait(p *planning, length time.Duration, diags *diag.Diagnostics) {
	at := path.Root("wait_for_completion")
	switch w := p.plan.WaitForCompletion; {
	case !w.IsUnknown() && !w.ValueBool():
		diags.AddAttributeError(at, "Nobody would walk the rollout", "wait_for_completion: false leaves the rollout to a controller, and this provider has none: "+
			"run hotswap serve --config, and write controller = { endpoint = \"https://…\" } in the provider's block in place of fleet; or leave it out, and the apply waits.")
	case length > r.conn.maxBlockingWait:
		diags.AddAttributeWarning(at, titled(&p.spec, "the apply waits for long"), fmt.Sprintf("The rollout takes %s or more, and max_blocking_wait is %s: all that "+
			"time this process has to live, and holds the lock of the state. With a controller (hotswap serve --config) the rollout goes on without it.",
			telling.Length(length), telling.Length(r.conn.maxBlockingWait)))
	}
}

// waitsByDefault is whether an apply waits for a rollout that takes so long, where all goes well.
func (c *connection) waitsByDefault(s engine.Strategy, length time.Duration) types.Bool {
	return types.BoolValue(c.way() != byController || s != engine.ABTesting && length <= c.maxBlockingWait)
}

// lengthOf is how long the stages of a plan take where all goes well; false: they are not known.
func lengthOf(ctx context.Context, stages types.List) (time.Duration, bool) {
	var rows []stageModel
	if stages.IsUnknown() || stages.ElementsAs(ctx, &rows, false).HasError() {
		return 0, false
	}
	if len(rows) == 0 {
		return 0, true
	}
	length, err := engine.ParseDuration(rows[len(rows)-1].EarliestEnd)
	return length, err == nil
}

// settleWait settles what the plan could not know: whether to wait for a rollout.
func (a *apply) settleWait(p *engine.Plan) {
	if !a.plan.WaitForCompletion.IsUnknown() {
		return
	}
	length := time.Duration(0)
	if spans := engine.Timeline(p); len(spans) > 0 {
		length = spans[len(spans)-1].Earliest
	}
	a.plan.WaitForCompletion = a.conn.waitsByDefault(p.Spec.Strategy, length)
}

// leftAlone says whether an apply has nothing to do about a rollout in flight because it goes
// on by itself, which alone says, and the configuration does not wait for it.
func (m *deploymentModel) leftAlone(prior *deploymentModel, alone bool) bool {
	if !alone || m.WaitForCompletion.IsUnknown() || m.waits() {
		return false
	}
	switch prior.phase() {
	case engine.PhaseProgressing, engine.PhaseRollingBack:
		return true
	case engine.PhaseHeld:
		return m.OnHold.ValueString() != "fail"
	default:
		return false
	}
}

// pacedWorlds are worlds whose rollouts can be left to a clock: they catch up when somebody
// looks.
type pacedWorlds interface {
	// catchUp walks what was left to the clock up to now.
	catchUp(ctx context.Context, e engine.Environment, plugin string) error
}

// caughtUp looks at a world, once what was left to its clock has caught up. Where the provider
// may not be, whoever looks says so.
func (c *connection) caughtUp(ctx context.Context, look looking, e engine.Environment, plugin string, diags *diag.Diagnostics) (sight, bool) {
	a, some := c.worlds.(allowedWorlds)
	if p, ok := unwrapped(c.worlds).(pacedWorlds); ok && (!some || a.allows(e)) {
		if err := p.catchUp(ctx, e, plugin); err != nil {
			addError(diags, path.Empty(), "The simulated fleet cannot catch up", err)
			return sight{}, false
		}
	}
	s, err := look(ctx, c, e, plugin)
	if err != nil {
		addError(diags, path.Empty(), unanswered(err), err)
	}
	return s, err == nil
}

// paced is such a world.
type paced interface {
	// leave leaves a rollout to the clock from now on, and takeBack takes it back.
	leave(ctx context.Context, rollout walking) error
	takeBack() error
	// isPaced says whether a rollout was left to the clock.
	isPaced(rollout string) bool
}

// goesOnAlone says whether a rollout of a world goes on while no operation goes along.
func goesOnAlone(w any, rollout string) bool {
	if isControlled(w) {
		return true
	}
	p, ok := w.(paced)
	return ok && p.isPaced(rollout)
}

// goesOn leaves a rollout to whoever walks it.
func (a *apply) goesOn(ctx context.Context, rollout walking) error {
	if p, ok := a.world.(paced); ok {
		return p.leave(ctx, rollout)
	}
	return nil
}

// left is the word of an apply that does not wait.
func (a *apply) left(t *telling.Story) {
	ro := t.Of
	who, look := "The controller walks it", fmt.Sprintf(", and so does hotswap rollout watch %s", ro.Plan.Rollout)
	if _, ok := a.world.(paced); ok {
		who, look = "The simulated fleet's clock carries it, and each refresh lets it catch up", ""
	}
	a.diags.AddWarning(ro.Title("is on its way"), fmt.Sprintf("%s: %s. The apply did not wait: wait_for_completion is false. The next plan shows what became of it%s.",
		who, engine.Headline(&ro.Plan), look))
}
