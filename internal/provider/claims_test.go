package provider

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// TestClaimOutlivesTheProcess: the predecessor of a resource that took its rollout
// over is destroyed by a later apply, in another process, and leaves the successor
// alone; the successor's own destroy goes back.
func TestClaimOutlivesTheProcess(t *testing.T) {
	ctx := context.Background()
	w := newMemoryWorlds(t)
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
		if owner, err := f.claim("a-1"); err != nil || owner != want {
			t.Errorf("%s, %v; want %s", owner, err, want)
		}
		if owner, err := f.owner("a-1"); err != nil || owner != want {
			t.Errorf("%s, %v; want %s", owner, err, want)
		}
	}
	if owner, err := f.owner("a-2"); err != nil || owner != "" {
		t.Errorf("a-2 has the owner %q, %v", owner, err)
	}
	if err := os.WriteFile(f.path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.claim("a-1"); err == nil {
		t.Error("a broken file was taken")
	}
}
