package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestSwarm lets a careless operator loose: versions, strategies, interrupts, kills,
// full disks, decisions and destroys in any order. Whatever happened, Terraform's
// rules are kept all the time, and in the end a good version can be brought out and
// taken back.
func TestSwarm(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 15
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			o := &operator{t: t, w: newMemoryWorlds(t), dice: rand.New(rand.NewPCG(uint64(seed), 1))}
			o.c = newCore(t, o.w)
			for range 8 {
				o.act()
				if t.Failed() {
					t.Fatalf("after:\n%s", strings.Join(o.done, "\n"))
				}
			}
			o.settle()
			if t.Failed() {
				t.Fatalf("after:\n%s", strings.Join(o.done, "\n"))
			}
		})
	}
}

// operator does what people do.
type operator struct {
	t    *testing.T
	w    *memoryWorlds
	c    *core
	dice *rand.Rand
	done []string
}

func pick[T any](o *operator, from ...T) T { return from[o.dice.IntN(len(from))] }

// act does one thing, with something going wrong in the middle half of the time.
func (o *operator) act() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	state, private, identity, tainted := o.c.state, o.c.private, o.c.identity, o.c.tainted
	trouble := pick(o, "", "", "", "interrupted", "killed", "disk full")
	s := &strike{after: 1 + o.dice.IntN(25), do: func() error {
		if trouble == "disk full" {
			return errors.New("no space left on device")
		}
		cancel()
		return nil
	}}
	if trouble != "" {
		o.w.written = s.written
	}
	var said string
	if o.dice.IntN(5) == 0 && !o.c.state.IsNull() {
		o.note("destroy", trouble, s.after)
		o.c.refresh()
		said = errorsIn(o.c.destroy(ctx))
	} else {
		config := o.config()
		o.note(fmt.Sprint("apply ", config), trouble, s.after)
		said = errorsIn(o.c.apply(ctx, config))
	}
	o.w.written = nil
	if trouble == "killed" && s.seen >= s.after {
		o.c.state, o.c.private, o.c.identity, o.c.tainted = state, private, identity, tainted
	}
	summary, _, _ := strings.Cut(said, "\n")
	o.done = append(o.done, fmt.Sprintf("    status %s, version %s, active %s, rollout %s; %s", o.c.get("status"), o.c.get("version"),
		o.c.get("active_version"), o.c.get("rollout_id"), summary))
	o.check()
}

func (o *operator) note(what, trouble string, after int) {
	if trouble != "" {
		what += fmt.Sprintf(", %s after event %d", trouble, after)
	}
	o.done = append(o.done, what)
}

// config is a configuration that may make sense.
func (o *operator) config() map[string]any {
	config := deployment(pick(o, "1.5.0", "1.6.0", "1.7.0", "9.9.9"), map[string]any{
		"on_interrupt": pick(o, "leave", "leave", "rollback"), "on_timeout": pick(o, "rollback", "pause"),
	})
	maps.Copy(config, pick(o,
		map[string]any{"strategy": "Direct"},
		map[string]any{"strategy": "Canary", "canary": map[string]any{"evaluation_period": "1m", "auto_rollback": pick(o, true, false)}},
		map[string]any{"strategy": "BlueGreen", "blue_green": map[string]any{"warmup_period": "5s", "monitoring_period": "30s", "keep_previous_environment": pick(o, true, false)}},
		map[string]any{"strategy": "Rolling", "rolling": map[string]any{"batch_size": "34%", "wait_between_batches": "30s"}},
		map[string]any{"strategy": "ABTesting", "ab_testing": map[string]any{"test_duration": "10m"}},
	))
	if o.dice.IntN(4) == 0 {
		config["timeouts"] = map[string]any{"create": "1m", "update": "90s"}
	}
	if id := o.c.get("rollout_id"); id != "" && o.dice.IntN(3) == 0 {
		config["decision"] = map[string]any{"rollout_id": id, "action": pick(o, "promote", "rollback")}
	}
	return config
}

// check: a state that is at rest says what the fleet runs.
func (o *operator) check() {
	o.t.Helper()
	if o.c.state.IsNull() || o.c.tainted {
		return
	}
	expectGood(o.t, o.c.refresh())
	if o.c.state.IsNull() {
		return
	}
	at, err := o.w.at("Production", "stripe")
	if err != nil {
		o.t.Fatal(err)
	}
	if last, err := latestRollout(context.Background(), at.journals, "Production", "stripe"); err != nil || last != nil && unfinished(last.State) {
		return // the fleet is on its way
	}
	fleet := running(o.t, o.w)
	switch o.c.get("status") {
	case "succeeded", "rolled_back":
		if v := o.c.get("version"); !fleet.RunsOnly(v) {
			o.t.Errorf("the state says %s, and the fleet runs %s", v, fleet.Baseline())
		}
	case "retained":
		if v := o.c.get("active_version"); !fleet.RunsOnly(v) {
			o.t.Errorf("the state says %s, and the fleet runs %s", v, fleet.Baseline())
		}
	}
}

// settle brings a good version out, as a patient person would, and rolls it back.
func (o *operator) settle() {
	o.t.Helper()
	good := deployment("1.8.0", map[string]any{"strategy": "Direct"})
	var said string
	for range 6 {
		o.c.refresh()
		config := good
		if s := o.c.get("status"); s == "held" || s == "paused" || s == "progressing" || s == "rolling_back" {
			config = deployment(o.c.get("previous_version"), map[string]any{"strategy": "Direct"})
		} else if strings.Contains(said, "Another rollout is unfinished") {
			expectGood(o.t, o.c.importState("Production/stripe", nil))
			continue
		}
		said = errorsIn(o.c.apply(context.Background(), config))
		o.done = append(o.done, fmt.Sprintf("settle %v\n    status %s, version %s; %s", config, o.c.get("status"), o.c.get("version"), said))
		if o.c.get("status") == "succeeded" && o.c.get("version") == "1.8.0" {
			break
		}
	}
	fleet := running(o.t, o.w)
	if !fleet.RunsOnly("1.8.0") {
		o.t.Errorf("the fleet cannot be brought to 1.8.0, and runs %s", fleet.Baseline())
		return
	}
	expectQuiet(o.t, o.c, good)
	expectGood(o.t, o.c.destroy(context.Background()))
	if !o.c.state.IsNull() || running(o.t, o.w).RunsOnly("1.8.0") {
		o.t.Errorf("after the destroy the fleet runs %s", running(o.t, o.w).Baseline())
	}
}
