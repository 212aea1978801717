package postgresql_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql/pgfleet"
)

// broken sends an order, waits until it could not be carried out, and gives what was said.
func (r *rig) broken(c engine.Change, instances []string, tenants ...string) string {
	r.t.Helper()
	if err := r.make(c, instances, tenants...); err != nil {
		r.t.Fatal(err)
	}
	var got engine.Condition
	r.until("something is broken", func() bool {
		got = r.look()
		return got.BrokenCount > 0 && got.Pending == 0
	})
	return got.Broken[0].Target + ": " + got.Broken[0].Reason
}

func said(t *testing.T, got, want string) {
	t.Helper()
	if !regexp.MustCompile("^"+want+"$").MatchString(got) || strings.Contains(got, "\n") || strings.Contains(got, pgfleet.Password) {
		t.Errorf("%q\n and %q is wanted", got, want)
	}
}

// TestLocked says which database somebody has locked, and carries the change out when he has
// gone and it is asked for again.
func TestLocked(t *testing.T) {
	r := start(t, 1, 3)
	conn := r.servers[0].Connect("tenant_02")
	for _, text := range []string{"BEGIN", "SELECT * FROM pay_settings"} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	one := []string{"pg-1"}
	got := r.broken(engine.Change{Kind: engine.Replace, Version: "1.6.0"}, one)
	said(t, got, `pg-1: database pg-1/tenant_02: canceling statement due to lock timeout \(SQLSTATE 55P03\): a transaction that is open uses what the update changes: end it, or raise lock_timeout`)
	if has := pgfleet.Has(r.servers); has != "1 on 1.5.0, 2 on 1.6.0" {
		t.Error(has)
	}
	if _, err := conn.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	r.settled(engine.Change{Kind: engine.Replace, Version: "1.6.0"}, one)
	if has := pgfleet.Has(r.servers); has != "3 on 1.6.0" {
		t.Error(has)
	}
}

// TestMissing says what of the extension is not on a server.
func TestMissing(t *testing.T) {
	r := start(t, 2, 1)
	only := []string{"pg-2"}
	r.servers[1].Remove("hotswap_pay--1.5.0--1.6.0.sql")
	if err := os.WriteFile(filepath.Join(r.servers[1].Extensions, "hotswap_pay--1.6.0.sql"), []byte("SELECT 1;"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := r.broken(engine.Change{Kind: engine.Install, Version: "1.6.0"}, only)
	said(t, got, `pg-2: there is no update path from 1\.5\.0 to 1\.6\.0 on server pg-2: install hotswap_pay--1\.5\.0--1\.6\.0\.sql there`)
	got = r.broken(engine.Change{Kind: engine.Install, Version: "2.0.0"}, only)
	said(t, got, `pg-2: server pg-2 has no version 2\.0\.0 of hotswap_pay, but 1\.5\.0, 1\.6\.0, 1\.7\.0, 1\.8\.0: install its package there`)
	r.servers[1].Remove("hotswap_pay.control")
	got = r.broken(engine.Change{Kind: engine.Install, Version: "1.6.0"}, []string{"pg-2"})
	said(t, got, `pg-2: server pg-2 has no files of the extension hotswap_pay: install its package there`)
	if err := r.make(engine.Change{Kind: engine.Remove, Version: "1.6.0"}, only); err != nil { // which forgets that it was to be installed
		t.Fatal(err)
	}
	got = r.broken(engine.Change{Kind: engine.Replace, Version: "1.6.0"}, []string{"pg-2"})
	said(t, got, `pg-2: server pg-2 has no files of the extension hotswap_pay: install its package there`)
	if has := pgfleet.Has(r.servers); has != "2 on 1.5.0" {
		t.Error(has)
	}
	r.servers[1].Install(pgfleet.Versions...)
	r.settled(engine.Change{Kind: engine.Replace, Version: "1.6.0"}, []string{"pg-2"})
}

// TestNoWayDown says that there is no way back from a version, and leaves the database as it is.
func TestNoWayDown(t *testing.T) {
	r := start(t, 1, 1)
	r.settled(engine.Change{Kind: engine.Pin, Version: "1.8.0"}, nil, "pg-1/tenant_01")
	got := r.broken(engine.Change{Kind: engine.Unpin}, nil, "pg-1/tenant_01")
	said(t, got, `pg-1/tenant_01: database pg-1/tenant_01: extension "hotswap_pay" has no update path from version "1\.8\.0" to version "1\.5\.0" \(SQLSTATE 22023\): install the extension's script for it on the server`)
}

// TestNotTheOwner says that the role may not update.
func TestNotTheOwner(t *testing.T) {
	r := start(t, 1, 1)
	r.servers[0].Exec("postgres", "tenant_01", "CREATE DATABASE tenant_77")
	r.servers[0].Exec("postgres", "tenant_77", "CREATE EXTENSION hotswap_pay VERSION '1.5.0'")
	got := r.broken(engine.Change{Kind: engine.Pin, Version: "1.6.0"}, nil, "pg-1/tenant_77")
	said(t, got, `pg-1/tenant_77: database pg-1/tenant_77: must be owner of extension hotswap_pay \(SQLSTATE 42501\): the role has to own the extension, and to have CONNECT on its database`)
}

// TestPassword says that a password is wrong, and goes on when it is right again.
func TestPassword(t *testing.T) {
	r := start(t, 2, 1, func(s *postgresql.Settings) {
		wrong := filepath.Join(filepath.Dir(s.Servers[1].PasswordFile), "wrong")
		if err := os.WriteFile(wrong, []byte("something else"), 0o600); err != nil {
			panic(err)
		}
		s.Servers[1].PasswordFile = wrong
	})
	_, err := r.tenants()
	if err == nil {
		t.Fatal("a server that cannot be asked is planned over")
	}
	said(t, err.Error(), `server pg-2: password authentication failed for user "app_owner" \(SQLSTATE 28P01\): check the password in password_file`)
	if c := r.look(); c.Watched != 2 || c.Ready != 1 || c.Ailing[0].Instance != "pg-2" || !strings.Contains(c.Ailing[0].Reason, "28P01") {
		t.Errorf("%+v", c)
	}
	if err := os.Remove(r.settings.Servers[1].PasswordFile); err != nil {
		t.Fatal(err)
	}
	_, err = r.tenants()
	said(t, err.Error(), `server pg-2: password_file: open .*/wrong: no such file or directory`)
	if err := os.WriteFile(r.settings.Servers[1].PasswordFile, []byte(pgfleet.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	r.until("pg-2 is well", func() bool { return r.look().Ready == 2 })
}

// TestShot carries on where a server was killed in the middle, when it is back.
func TestShot(t *testing.T) {
	r := start(t, 2, 4)
	both := []string{"pg-1", "pg-2"}
	r.settled(engine.Change{Kind: engine.Install, Version: "1.6.0"}, both)
	r.servers[1].Shoot()
	if err := r.make(engine.Change{Kind: engine.Activate, Version: "1.6.0"}, both); err != nil {
		t.Fatal(err)
	}
	var c engine.Condition
	r.until("pg-1 is done, and pg-2 is away", func() bool {
		c, _ = r.Look(t.Context(), engine.Watch{Rollout: "r", Candidate: "1.6.0", Slot: "servers", Failures: 2})
		return c.Pending == 1 && c.Ready == 1 && c.Failing == 1
	})
	said(t, c.Ailing[0].Reason, `dial tcp 127\.0\.0\.1:\d+: connect: connection refused: start the server, or take it out of the configuration`)
	if c.BrokenCount > 0 {
		t.Errorf("who is away has broken nothing: %+v", c.Broken)
	}
	_, err := r.tenants()
	if err == nil {
		t.Fatal("a server that is away is planned over")
	}
	said(t, err.Error(), `server pg-2: dial tcp .*: connection refused: start the server, or take it out of the configuration`)
	r.servers[1].Restart()
	r.until("all is done", func() bool {
		c = r.look()
		return c.Pending == 0 && c.Ready == 2
	})
	if has := pgfleet.Has(r.servers); has != "8 on 1.6.0" || c.BrokenCount > 0 {
		t.Error(has, c)
	}
}

// TestReopened carries on where whoever took an order is gone.
func TestReopened(t *testing.T) {
	r := start(t, 1, 6)
	if err := r.make(engine.Change{Kind: engine.Replace, Version: "1.6.0"}, []string{"pg-1"}); err != nil {
		t.Fatal(err)
	}
	r.Close()
	r.open()
	r.until("all is done", func() bool { return r.look().Pending == 0 })
	if has := pgfleet.Has(r.servers); has != "6 on 1.6.0" {
		t.Error(has)
	}
}

// TestControlBack: a control database that ended the connection, as one that is restarted does, is
// asked by another one at once, and not told of as gone.
func TestControlBack(t *testing.T) {
	r := start(t, 1, 1)
	for i := range 4 {
		version := []string{"1.6.0", "1.5.0"}[i%2]
		r.servers[0].Exec("postgres", "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'postgres'")
		if err := r.make(engine.Change{Kind: engine.Install, Version: version}, []string{"pg-1"}); err != nil {
			t.Errorf("order %d: %v", i+1, err)
		}
	}
}

// TestControlAway takes no order where it cannot be kept.
func TestControlAway(t *testing.T) {
	r := start(t, 2, 1)
	r.servers[0].Shoot()
	err := r.make(engine.Change{Kind: engine.Install, Version: "1.6.0"}, []string{"pg-2"})
	if err == nil {
		t.Fatal("an order was taken that nobody keeps")
	}
	r.until("it takes nothing and says why", func() bool {
		err := r.make(engine.Change{Kind: engine.Install, Version: "1.6.0"}, []string{"pg-2"})
		return err != nil && strings.HasPrefix(err.Error(), "control database: ") && strings.HasSuffix(err.Error(), "start the server, or take it out of the configuration")
	})
	r.servers[0].Restart()
	r.until("orders are taken again", func() bool {
		return r.make(engine.Change{Kind: engine.Install, Version: "1.6.0"}, []string{"pg-2"}) == nil
	})
}
