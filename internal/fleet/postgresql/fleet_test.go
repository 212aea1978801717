package postgresql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql/pgfleet"
)

// TestChanges carries each kind of change out on two servers, and reads what came of it from
// the databases.
func TestChanges(t *testing.T) {
	r := start(t, 2, 3)
	both := []string{"pg-1", "pg-2"}
	all, err := r.tenants()
	if err != nil || len(all) != 6 || all[0].ID != "pg-1/tenant_01" || all[5].ID != "pg-2/tenant_06" || all[0].Pin != "" || all[0].Weight < 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	is := func(step, databases, instance string) {
		t.Helper()
		if got := pgfleet.Has(r.servers); got != databases {
			t.Errorf("%s: %s, and %s is wanted", step, got, databases)
		}
		if got := fmt.Sprint(r.instances()[0]); got != instance {
			t.Errorf("%s: %s, and %s is wanted", step, got, instance)
		}
	}
	is("before", "6 on 1.5.0", "{pg-1 servers [1.5.0] 1.5.0 true}")
	c := r.settled(engine.Change{Kind: engine.Install, Version: "1.6.0"}, both)
	is("installed", "6 on 1.5.0", "{pg-1 servers [1.5.0 1.6.0] 1.5.0 true}")
	if c.BrokenCount != 0 || c.Watched != 2 || c.Ready != 2 || c.Exposed.Instances != 2 || c.Exposed.Tenants != 0 {
		t.Errorf("%+v", c)
	}
	c = r.settled(engine.Change{Kind: engine.Pin, Version: "1.6.0"}, nil, "pg-1/tenant_01", "pg-2/tenant_04", "pg-2/tenant_99", "nobody")
	is("pinned", "4 on 1.5.0, 2 on 1.6.0", "{pg-1 servers [1.5.0 1.6.0] 1.5.0 true}")
	if c.Exposed.Tenants != 2 || c.Exposed.Share <= 0 || c.Exposed.Share >= 100 {
		t.Errorf("%+v", c.Exposed)
	}
	r.settled(engine.Change{Kind: engine.Unpin}, nil, "pg-1/tenant_01", "pg-2/tenant_04")
	is("unpinned", "6 on 1.5.0", "{pg-1 servers [1.5.0 1.6.0] 1.5.0 true}")
	r.settled(engine.Change{Kind: engine.Activate, Version: "1.6.0"}, both)
	is("activated", "6 on 1.6.0", "{pg-1 servers [1.5.0 1.6.0] 1.6.0 true}")
	r.settled(engine.Change{Kind: engine.Remove, Version: "1.5.0"}, both)
	is("removed", "6 on 1.6.0", "{pg-1 servers [1.6.0] 1.6.0 true}")
	r.settled(engine.Change{Kind: engine.Replace, Version: "1.5.0"}, []string{"pg-1"})
	is("replaced", "3 on 1.5.0, 3 on 1.6.0", "{pg-1 servers [1.5.0] 1.5.0 true}")

	for _, never := range []engine.Change{
		{Kind: engine.Shift},
		{Kind: engine.Smoke},
		{Kind: engine.Provision},
		{Kind: engine.Retire},
		{Kind: engine.Install},
		{Kind: engine.Activate},
		{Kind: engine.Remove, Version: "1.5.0"},
	} {
		var refused *engine.Refused
		if err := r.make(never, []string{"pg-1"}); !errors.As(err, &refused) {
			t.Errorf("%s: %v", never.Kind, err)
		}
	}
}

// TestFence refuses an older order, also of whoever begins anew, and takes the newest again.
func TestFence(t *testing.T) {
	r := start(t, 1, 2)
	r.seq = 10
	r.settled(engine.Change{Kind: engine.Replace, Version: "1.6.0"}, []string{"pg-1"})
	for range 2 {
		r.seq = 10
		if err := r.make(engine.Change{Kind: engine.Replace, Version: "1.6.0"}, []string{"pg-1"}); err != nil {
			t.Error(err)
		}
		r.seq = 5
		if err := r.make(engine.Change{Kind: engine.Replace, Version: "1.5.0"}, []string{"pg-1"}); !errors.Is(err, engine.ErrSuperseded) {
			t.Error(err)
		}
		r.Close()
		r.open()
	}
	r.ordinal = 0
	if err := r.make(engine.Change{Kind: engine.Replace, Version: "1.5.0"}, []string{"pg-1"}); !errors.Is(err, engine.ErrSuperseded) {
		t.Error(err)
	}
	if got := pgfleet.Has(r.servers); got != "2 on 1.6.0" {
		t.Error(got)
	}
}

// TestByHand leaves alone what somebody updated by hand.
func TestByHand(t *testing.T) {
	r := start(t, 1, 3)
	r.servers[0].Exec(pgfleet.Role, "tenant_02", "ALTER EXTENSION hotswap_pay UPDATE TO '1.7.0'")
	all, err := r.tenants()
	if err != nil || all[1].Pin != "1.7.0" || all[0].Pin != "" {
		t.Fatalf("%+v, %v", all, err)
	}
	r.settled(engine.Change{Kind: engine.Replace, Version: "1.6.0"}, []string{"pg-1"})
	if got := pgfleet.Has(r.servers); got != "2 on 1.6.0, 1 on 1.7.0" {
		t.Error(got)
	}
	r.servers[0].Exec(pgfleet.Role, "tenant_02", "ALTER EXTENSION hotswap_pay UPDATE TO '1.6.0'")
	r.ordinal++
	r.settled(engine.Change{Kind: engine.Replace, Version: "1.5.0"}, []string{"pg-1"})
	if got := pgfleet.Has(r.servers); got != "3 on 1.5.0" {
		t.Error(got)
	}
}

// TestOneWay tells of versions that nothing leads back from.
func TestOneWay(t *testing.T) {
	r := start(t, 2, 1)
	h, err := r.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(h.OneWay); got != "[{1.5.0 1.8.0 [pg-1 pg-2]}]" {
		t.Error(got)
	}
	if h.Capabilities.Can(engine.CanExecutionTime) || h.Capabilities.Can(engine.CanSlots) || !h.Capabilities.Can(engine.CanByTenant) {
		t.Errorf("%+v", h.Capabilities)
	}
	if got := fmt.Sprint(h.Versions); got != "[{servers 1.5.0 2 2}]" {
		t.Error(got)
	}
	if strings.Contains(fmt.Sprint(h), pgfleet.Password) {
		t.Error("the password is told")
	}
}
