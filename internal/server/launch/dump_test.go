//go:build unix

package launch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/pgtest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// TestPostgresDump dumps a database while rollouts are walked, and has another server go on from
// the dump in another database.
func TestPostgresDump(t *testing.T) {
	const n, more = 6, "store: {postgresql: {dsn_file: dsn}}\n"
	programs, cluster := pgtest.Programs(t), pgtest.Start(t)
	first, second, endpoint := t.TempDir(), t.TempDir(), startFleets(t, n)
	from, to := cluster.Database(), cluster.Database()
	for dir, dsn := range map[string]string{first: from, second: to} {
		if err := os.WriteFile(filepath.Join(dir, "dsn"), []byte(dsn), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := startKeeping(t, first, endpoint, "fleet", more)
	r.startRollouts(n, "PT3S")
	r.walking(n, time.Minute)
	dump := filepath.Join(t.TempDir(), "dump")
	does := func(program string, args ...string) {
		if out, err := exec.CommandContext(t.Context(), filepath.Join(programs, program), args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", program, err, out)
		}
	}
	does("pg_dump", "--format=custom", "--file="+dump, "--dbname="+from)
	_ = walker.Pause(t.Context(), time.Second)
	r.stop()
	does("pg_restore", "--no-owner", "--exit-on-error", "--dbname="+to, dump)
	takeAlong(t, first, second)
	r = startKeeping(t, second, endpoint, "fleet", more)
	for _, id := range r.ids() {
		r.ends(id, engine.Succeeded)
	}
}
