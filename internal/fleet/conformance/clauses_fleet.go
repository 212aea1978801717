package conformance

import (
	"math"
	"net/http"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func fleetClauses() []Clause {
	return []Clause{
		{ID: "fleet.names", Says: "`environment` and `plugin` are those of the path.", try: (*trial).names},
		{ID: "fleet.routes", Says: "Routes name each slot once, and are 100 in all.", try: (*trial).routes},
		{ID: "fleet.versions", Says: "Instances by slot and default version are sorted by both, each once; of them no more are ready than there are.", try: (*trial).versionCounts},
		{ID: "fleet.agrees", Says: "Counts by version are those of the instances that are listed.", After: []string{"fleet.versions"}, try: (*trial).headAndList},
		{ID: "fleet.bounds", Says: "`latencyBounds` ascend from above 0.", try: (*trial).latencyBounds},
	}
}

func listClauses() []Clause {
	return []Clause{
		{ID: "lists.sorted", Says: "Lists are sorted by `id`, bytewise, each once.", try: (*trial).sorted},
		{ID: "lists.instances", Says: "What is installed is sorted, and the default is one of it.", try: (*trial).installed},
		{ID: "lists.limit", Says: "A page has at most `limit` items.", try: (*trial).limited},
		{ID: "lists.pages", Says: "The pages of a list are the whole list, whatever their size; an empty `next` is the end, and nothing else is.", After: []string{"lists.sorted", "lists.limit"}, try: (*trial).paged},
		{ID: "lists.cursor", Says: "A cursor that is none of this list is answered with 400 `invalid-request` or 410 `snapshot-expired`.", try: (*trial).cursors},
		{ID: "tenants.none", Says: "A fleet without the capability `tenants` answers an empty list.", Lacks: engine.CanTenants, try: (*trial).noTenants},
	}
}

func (t *trial) names() {
	f := t.describe()
	t.must(f.Environment == t.Environment && f.Plugin == t.Plugin, "it is %s in %s", f.Plugin, f.Environment)
}

// routed holds routes against the rule of them.
func (t *trial) routed(f *contract.Fleet) {
	sum, slots := 0.0, map[string]bool{}
	for _, r := range f.Routes {
		t.must(!slots[r.Slot], "slot %q is there twice", r.Slot)
		slots[r.Slot] = true
		sum += r.Percent
	}
	t.must(math.Abs(sum-100) < 1e-6, "the routes are %g in all", sum)
}

func (t *trial) routes() {
	f := t.describe()
	t.routed(&f)
}

func (t *trial) versionCounts() {
	f := t.describe()
	for i, v := range f.Versions {
		t.must(v.Ready <= v.Instances, "of %d instances of slot %s on %q %d are ready", v.Instances, v.Slot, v.Version, v.Ready)
		if i > 0 {
			before := f.Versions[i-1]
			t.must(before.Slot < v.Slot || before.Slot == v.Slot && before.Version < v.Version, "%s %q comes after %s %q", v.Slot, v.Version, before.Slot, before.Version)
		}
	}
}

func (t *trial) headAndList() {
	f, listed := t.describe(), engine.CountVersions(t.instances())
	t.must(slices.Equal(f.Versions, listed), "the fleet as a whole has %v, and its instances are %v", f.Versions, listed)
}

func (t *trial) latencyBounds() {
	last := 0.0
	for _, b := range t.describe().Capabilities.LatencyBounds {
		t.must(b > last, "%g comes after %g", b, last)
		last = b
	}
}

// ids are those of a list, which have to be sorted.
func ids[T any](t *trial, items []T, id func(*T) string) (of []string) {
	for i := range items {
		of = append(of, id(&items[i]))
		t.must(i == 0 || of[i-1] < of[i], "%q comes after %q", of[i], of[max(0, i-1)])
	}
	return of
}

func instanceID(i *contract.Instance) string { return i.ID }
func tenantID(i *contract.Tenant) string     { return i.ID }

func (t *trial) sorted() {
	ids(t, t.instances(), instanceID)
	ids(t, t.tenants(), tenantID)
}

func (t *trial) installed() {
	for _, i := range t.instances() {
		t.must(slices.IsSorted(i.Installed), "instance %s has %q", i.ID, i.Installed)
		t.must(i.Default == "" || !i.Ready || slices.Contains(i.Installed, i.Default), "instance %s serves %s, and has %q", i.ID, i.Default, i.Installed)
	}
}

func (t *trial) limited() {
	for _, what := range []string{"instances", "tenants"} {
		for _, limit := range []int{1, 2} {
			var page contract.Page[struct{ ID string }]
			t.read(get(what).with("limit", limit), http.StatusOK, &page)
			t.must(len(page.Items) <= limit, "a page has %d items, and %d are the limit", len(page.Items), limit)
		}
	}
}

func (t *trial) paged() {
	whole, tenants := ids(t, t.instances(), instanceID), ids(t, t.tenants(), tenantID)
	for _, limit := range []int{1, 3, len(whole), len(tenants), 1 << 30} {
		if limit == 0 {
			continue
		}
		got := ids(t, all[contract.Instance](t, "instances", limit), instanceID)
		t.must(slices.Equal(got, whole), "in pages of %d there are %d instances, and all at once %d", limit, len(got), len(whole))
		got = ids(t, all[contract.Tenant](t, "tenants", limit), tenantID)
		t.must(slices.Equal(got, tenants), "in pages of %d there are %d tenants, and all at once %d", limit, len(got), len(tenants))
	}
}

func (t *trial) cursors() {
	for _, cursor := range []string{"conformance", "-1", "\x00é\"", "1.1.1"} {
		t.refused(get("instances").with("cursor", cursor), contract.InvalidRequest, contract.SnapshotExpired)
	}
}

func (t *trial) noTenants() {
	t.must(len(t.tenants()) == 0, "there are %d", len(t.tenants()))
}
