package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestClaimOutlivesTheProcess: the predecessor of a resource that took its rollout
// over is destroyed by a later apply, in another process, and leaves the successor
// alone; the successor's own destroy goes back.
func TestClaimOutlivesTheProcess(t *testing.T) {
	for name, reached := range map[string]func(w *memoryWorlds) worlds{
		"beside":    func(w *memoryWorlds) worlds { return w },
		"over HTTP": (*memoryWorlds).overHTTP,
	} {
		t.Run(name, func(t *testing.T) { claimOutlivesTheProcess(t, reached(newMemoryWorlds(t))) })
	}
}

func claimOutlivesTheProcess(t *testing.T, w worlds) {
	ctx := context.Background()
	old := newCore(t, w)
	expectGood(t, old.apply(ctx, deployment("1.6.0")))
	successor := newCore(t, w)
	expectText(t, warningsIn(successor.apply(ctx, deployment("1.6.0"))), "is now the one of this resource")

	later := newCore(t, w) // the later process, with the old state
	later.state, later.private, later.identity = old.state, old.private, old.identity
	diags := later.destroy(ctx)
	expectGood(t, diags)
	expectText(t, warningsIn(diags), "nothing was rolled back", "belongs to the resource that replaces this one")
	expectGood(t, successor.refresh())
	expect(t, successor, map[string]string{"active_version": "1.6.0"})

	expectGood(t, successor.destroy(ctx))
	after := newCore(t, w)
	expectGood(t, after.importState("Production/stripe", nil))
	expect(t, after, map[string]string{"active_version": "1.5.0"})
}

// TestClaimBeforeTheEnd: with create_before_destroy the create goes on with what its
// predecessor left held, interrupted or rolled back, and the destroy of that one, now or
// in a later process, leaves it alone.
func TestClaimBeforeTheEnd(t *testing.T) {
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	for name, c := range map[string]struct {
		config    map[string]any
		interrupt bool
		status    string
		fleet     string // the version that somebody runs afterwards
	}{
		"held":        {config: deployment("9.9.9", hold), status: "held", fleet: "9.9.9"},
		"interrupted": {config: deployment("1.6.0"), interrupt: true, status: "succeeded", fleet: "1.6.0"},
		"rolled back": {config: deployment("9.9.9", map[string]any{"on_rollback": "warn"}), status: "rolled_back", fleet: "1.5.0"},
	} {
		for _, later := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, later %t", name, later), func(t *testing.T) {
				ctx := context.Background()
				w := newMemoryWorlds(t)
				old := newCore(t, w)
				first := ctx
				if c.interrupt {
					stopped, stop := context.WithCancel(ctx)
					defer stop()
					n := 0
					w.written = func(engine.Event) error {
						if n++; n == 5 {
							stop()
						}
						return nil
					}
					first = stopped
				}
				expectGood(t, old.apply(first, c.config))
				w.written = nil
				old.refresh()
				successor := newCore(t, w)
				expectGood(t, successor.apply(ctx, c.config))
				expect(t, successor, map[string]string{"status": c.status})
				old.server = successor.server
				if later {
					old.server = newCore(t, w).server
				}
				diags := old.destroy(ctx)
				expectGood(t, diags)
				expectText(t, warningsIn(diags), "nothing was rolled back", "belongs to the resource that replaces this one")
				successor.refresh()
				expect(t, successor, map[string]string{"status": c.status})
				if !runs(running(t, w), c.fleet) {
					t.Errorf("nobody runs %s any more", c.fleet)
				}
				expectGood(t, successor.destroy(ctx))
				if !running(t, w).RunsOnly("1.5.0") {
					t.Errorf("after the destroy the fleet runs %s", running(t, w).Baseline())
				}
			})
		}
	}
}

// runs says whether anything of a fleet runs version.
func runs(s engine.Snapshot, version string) bool {
	for _, i := range s.Instances {
		if i.Default == version {
			return true
		}
	}
	for _, t := range s.Tenants {
		if t.Pin == version {
			return true
		}
	}
	return false
}

// TestClaimOfAnImport: who imports what was claimed stands for whoever had it.
func TestClaimOfAnImport(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t)
	expectGood(t, newCore(t, w).apply(ctx, deployment("1.6.0")))
	expectGood(t, newCore(t, w).apply(ctx, deployment("1.6.0")))
	imported := newCore(t, w)
	expectGood(t, imported.importState("Production/stripe", nil))
	expectGood(t, imported.destroy(ctx))
	after := newCore(t, w)
	expectGood(t, after.importState("Production/stripe", nil))
	expect(t, after, map[string]string{"active_version": "1.5.0"})
}

func TestClaimsFile(t *testing.T) {
	f := claimsFile{filepath.Join(t.TempDir(), "claims.json")}
	for _, want := range []string{"a-1#1", "a-1#2"} {
		if owner, err := f.claim(t.Context(), "a-1"); err != nil || owner != want {
			t.Errorf("%s, %v; want %s", owner, err, want)
		}
		if owner, err := f.owner(t.Context(), "a-1"); err != nil || owner != want {
			t.Errorf("%s, %v; want %s", owner, err, want)
		}
	}
	if owner, err := f.owner(t.Context(), "a-2"); err != nil || owner != "" {
		t.Errorf("a-2 has the owner %q, %v", owner, err)
	}
	if err := os.WriteFile(f.path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.claim(t.Context(), "a-1"); err == nil {
		t.Error("a broken file was taken")
	}
}
