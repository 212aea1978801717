package provider

import (
	"context"
	"errors"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Fleets that nobody can tell anything from.
var silent = map[string]func(engine.Snapshot) (engine.Snapshot, error){
	"empty": func(s engine.Snapshot) (engine.Snapshot, error) {
		s.Instances = nil
		return s, nil
	},
	"starting": func(s engine.Snapshot) (engine.Snapshot, error) {
		for i := range s.Instances {
			s.Instances[i].Ready, s.Instances[i].Default, s.Instances[i].Installed = false, "", nil
		}
		return s, nil
	},
}

func unread(engine.Snapshot) (engine.Snapshot, error) {
	return engine.Snapshot{}, errors.New("the gateway does not answer")
}

// TestRefreshForgetsNothing: a fleet without instances, or whose instances are all coming up, is
// no fleet without the plugin.
func TestRefreshForgetsNothing(t *testing.T) {
	ctx := context.Background()
	for name, seen := range silent {
		for state, config := range map[string]map[string]any{
			"succeeded":   deployment("1.6.0"),
			"held":        deployment("9.9.9", map[string]any{"canary": holding}),
			"untouched":   deployment("1.5.0"),
			"rolled back": deployment("9.9.9", map[string]any{"on_rollback": "warn"}),
		} {
			t.Run(name+" "+state, func(t *testing.T) {
				w := newMemoryWorlds(t)
				c := newCore(t, w)
				expectGood(t, c.apply(ctx, config))
				c.refresh()
				before := c.state
				w.seen = seen
				diags := c.refresh()
				expectGood(t, diags)
				expectText(t, warningsIn(diags), "stripe: the fleet does not say what it runs (Production)", "What is stored stays as it is")
				if !c.state.Equal(before) {
					diffs, _ := c.state.Diff(before)
					t.Errorf("the state changed: %v", diffs)
				}
				w.seen = nil
				expectQuiet(t, c, config)
			})
		}
	}
}

// TestRefreshWhileOneComesUp: an instance that is coming up is no drift.
func TestRefreshWhileOneComesUp(t *testing.T) {
	w := newMemoryWorlds(t)
	c := newCore(t, w)
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	w.seen = func(s engine.Snapshot) (engine.Snapshot, error) {
		s.Instances[0].Ready, s.Instances[0].Default, s.Instances[0].Installed = false, "", nil
		return s, nil
	}
	expectQuiet(t, c, deployment("1.6.0"))
}

// TestImportOfAFleetThatSaysNothing is refused with what was seen.
func TestImportOfAFleetThatSaysNothing(t *testing.T) {
	for name, seen := range silent {
		t.Run(name, func(t *testing.T) {
			w := newMemoryWorlds(t)
			w.seen = seen
			expectError(t, newCore(t, w).importState("Production/stripe", nil), "Nothing to import", "instance", "Import again")
		})
	}
}

// TestEndsThatCannotBeReadBack: the fleet is away just when a rollout has ended, or waits. What
// the journal says is stored, and a success is no error.
func TestEndsThatCannotBeReadBack(t *testing.T) {
	ctx := context.Background()
	hold := map[string]any{"canary": holding}
	for name, c := range map[string]struct {
		before, config map[string]any
		at             engine.EventKind // when the fleet goes away; "": when the rollout is held
		fails          bool
		want           map[string]string
	}{
		"created": {
			config: deployment("1.6.0"), at: engine.Finished,
			want: map[string]string{"status": "succeeded", "version": "1.6.0", "active_version": "1.6.0", "previous_version": "1.5.0", "rollout_id": "stripe-production-1"},
		},
		"updated": {
			before: deployment("1.5.0"), config: deployment("1.6.0"), at: engine.Finished,
			want: map[string]string{"status": "succeeded", "version": "1.6.0", "active_version": "1.6.0", "rollout_id": "stripe-production-1"},
		},
		"held": {
			config: deployment("9.9.9", hold), at: engine.Judged,
			want: map[string]string{"status": "held", "version": "9.9.9", "active_version": "1.5.0", "rollout_id": "stripe-production-1"},
		},
		"rolled back": {
			before: deployment("1.6.0"), config: deployment("9.9.9"), at: engine.Finished, fails: true,
			want: map[string]string{"status": "rolled_back", "version": "1.6.0", "active_version": "1.6.0", "rollout_id": "stripe-production-2"},
		},
		"rolled back, which is stored": {
			config: deployment("9.9.9", map[string]any{"on_rollback": "warn"}), at: engine.Finished,
			want: map[string]string{"status": "rolled_back", "version": "9.9.9", "active_version": "1.5.0", "rollout_id": "stripe-production-1"},
		},
	} {
		for how, seen := range map[string]func(engine.Snapshot) (engine.Snapshot, error){"unread": unread, "empty": silent["empty"], "starting": silent["starting"]} {
			t.Run(name+" "+how, func(t *testing.T) {
				w := newMemoryWorlds(t)
				core := newCore(t, w)
				if c.before != nil {
					expectGood(t, core.apply(ctx, c.before))
				}
				w.written = func(e engine.Event) error {
					if e.Kind == c.at {
						w.seen = seen
					}
					return nil
				}
				diags := core.apply(ctx, c.config)
				if failed := errorsIn(diags) != ""; failed != c.fails {
					t.Errorf("errors: %s", errorsIn(diags))
				}
				expectText(t, warningsIn(diags), "the fleet could not be read back", "What is stored is what the journal says")
				expect(t, core, c.want)
				w.written, w.seen = nil, nil
				core.refresh()
				expect(t, core, c.want)
			})
		}
	}
}
