package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// TestBackup copies the store of a server that runs, and says why it does not.
func TestBackup(t *testing.T) {
	dir, state := t.TempDir(), t.TempDir()
	servertest.Start(t, state, servertest.Fleet(engine.Production, "shop"))
	config := func(name, text string) string { return written(t, name, text) }
	fleets := "environments: {QA: {simulated: {scenario: a}}}\n"
	out := filepath.Join(dir, "copy.db")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--state", state, out}, exitFine, out + ": "},
		{[]string{"--state", state, out}, exitInput, "there is a file already"},
		{[]string{"--state", dir, filepath.Join(dir, "b.db")}, exitInput, "no backup: stat " + filepath.Join(dir, "hotswap.db")},
		{[]string{"--config", config("a.yaml", "state: "+state+"\n"+fleets), filepath.Join(dir, "c.db")}, exitFine, "c.db: "},
		{[]string{"--config", config("b.yaml", "store: {postgresql: {dsn_env: DSN}}\n"+fleets), filepath.Join(dir, "d.db")}, exitInput, "it is backed up with pg_dump"},
		{[]string{out}, exitInput, "at least one of the flags in the group [config state]"},
	} {
		var printed bytes.Buffer
		if code := run(t.Context(), append([]string{"backup"}, c.args...), &printed, &printed); code != c.code || !strings.Contains(printed.String(), c.want) {
			t.Errorf("%q: exit %d\n%s", c.args, code, printed.String())
		}
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info, err)
	}
}
