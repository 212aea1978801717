package launch_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/launch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// TestBackupUnderLoad backs the store up while rollouts are walked, loses the folder of the
// state, and has another server go on from the copy in a folder of its own.
func TestBackupUnderLoad(t *testing.T) {
	const n = 12
	t.Run("journals in the fleet", func(t *testing.T) {
		t.Parallel()
		// The server went on after the backup: what it did since, the fleet knows.
		r := restored(t, n, "fleet", 7*time.Second)
		for _, id := range r.ids() {
			r.ends(id, engine.Succeeded)
		}
	})
	t.Run("journals in the store", func(t *testing.T) {
		t.Parallel()
		r := restored(t, n, "store", 0)
		for _, id := range r.ids() {
			r.ends(id, engine.Succeeded)
		}
	})
	t.Run("an old backup of journals in the store", func(t *testing.T) {
		t.Parallel()
		// The fleet has seen orders that the backup does not know: it takes no older ones, and
		// a person is told.
		r := restored(t, 2, "store", 7*time.Second)
		for _, id := range r.ids() {
			r.hindered(id, "the fleet has seen a newer order")
			if _, err := r.client.Signal(t.Context(), id, contract.Signal{Signal: contract.Rollback}); err != nil {
				t.Fatal(err)
			}
			r.ends(id, engine.RolledBack)
		}
	})
}

// restored is a server that goes on from a backup of one that n rollouts had been started at,
// and that was lost so long after it.
func restored(t *testing.T, n int, keeper string, after time.Duration) *rig {
	t.Helper()
	first, second, endpoint := t.TempDir(), t.TempDir(), startFleets(t, n)
	r := startKeeping(t, first, endpoint, keeper, "")
	r.startRollouts(n, "PT6S")
	r.walking(n, time.Minute)
	_ = walker.Pause(t.Context(), time.Second)
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := launch.Backup(t.Context(), first, copied); err != nil {
		t.Fatal(err)
	}
	_ = walker.Pause(t.Context(), after)
	r.stop()
	takeAlong(t, first, second)
	text, err := os.ReadFile(copied)
	if err = errors.Join(err, os.WriteFile(filepath.Join(second, "hotswap.db"), text, 0o600)); err != nil {
		t.Fatal(err)
	}
	return startKeeping(t, second, endpoint, keeper, "")
}

// takeAlong copies what a server is known by to another folder: its token, and its id, with which
// it is the same server and waits for no lease to pass.
func takeAlong(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"admin-token", "server-id"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err = errors.Join(err, os.WriteFile(filepath.Join(to, name), text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// ids are the rollouts that the server knows.
func (r *rig) ids() (all []string) {
	r.t.Helper()
	list, err := r.client.Rollouts(r.t.Context(), nil)
	if err != nil || len(list.Items) == 0 {
		r.t.Fatal(list, err)
	}
	for _, one := range list.Items {
		all = append(all, one.ID)
	}
	return all
}

// until is a rollout as it is when it fits, within a minute.
func (r *rig) until(id string, fits func(*contract.Detail) bool) *contract.Detail {
	r.t.Helper()
	for range 600 {
		d, err := r.client.Show(r.t.Context(), id, false)
		if err == nil && fits(d) {
			return d
		}
		_ = walker.Pause(r.t.Context(), 100*time.Millisecond)
	}
	r.t.Fatalf("%s does not become what it should", id)
	return nil
}

// ends waits for a rollout to end so.
func (r *rig) ends(id string, want engine.Outcome) {
	r.t.Helper()
	if d := r.until(id, func(d *contract.Detail) bool { return d.Outcome != "" }); d.Outcome != string(want) {
		r.t.Errorf("%s is %s: %s", id, d.Outcome, d.Story)
	}
}

// hindered waits for a rollout not to be walked, and to say why.
func (r *rig) hindered(id, why string) {
	r.t.Helper()
	r.until(id, func(d *contract.Detail) bool {
		for _, c := range d.Conditions {
			if c.Type == contract.Walked && c.Reason == "hindered" && strings.Contains(c.Message, why) {
				return true
			}
		}
		return false
	})
}
