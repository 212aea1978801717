package file_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// TestListedTenants writes plans of many tenants, who share their list, and reads them
// back whole.
func TestListedTenants(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	js := ended(t, dir, 1000, "rolled_back", "rolled_back")
	lists, _ := filepath.Glob(filepath.Join(dir, "*.tenants"))
	if len(lists) != 1 {
		t.Fatalf("the lists are %v", lists)
	}
	data, err := os.ReadFile(filepath.Join(dir, "000001.journal"))
	if err != nil || len(data) > 12_000 {
		t.Errorf("a journal of 1000 tenants has %d bytes, %v", len(data), err)
	}
	// The very plan that was begun, with pins, weights and requests before.
	fleet := enginetest.NewFleet(engine.Production, "gateway", 3, 20, "1.5.0", 150)
	fleet.State.Tenants = nil
	for i := range 700 {
		tenant := engine.Tenant{ID: fmt.Sprintf("ä-%03d", (i*311)%700), Weight: 1 / float64(i+1), PriorRequests: int64(i) << 40, PriorErrors: int64(i % 3)}
		if i%5 == 0 {
			tenant.Pin = fmt.Sprintf("1.%d", i%3)
		}
		fleet.State.Tenants = append(fleet.State.Tenants, tenant)
	}
	plan, err := engine.Compile("r3", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0"}, fleet.State)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Begin(ctx, plan); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"r1", "r2", "r3"} {
		j, err := file.Open(dir).Open(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := j.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if id == "r3" && !reflect.DeepEqual(got.Tenants, plan.Tenants) {
			t.Errorf("the tenants are %v", got.Tenants[:3])
		}
	}
	if n := reflect.TypeFor[engine.Tenant]().NumField(); n != 5 {
		t.Errorf("a tenant has %d fields, and lists know of 5", n)
	}
	// A list that is broken, or missing, is an error of the journal that needs it.
	list, err := os.ReadFile(lists[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 1, len(list) / 2, len(list) - 1} {
		broken := bytes.Clone(list)
		broken[at] ^= 1
		if err := os.WriteFile(lists[0], broken, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := file.Open(dir).Open(ctx, "r1")
		if err == nil {
			_, err = j.Plan(ctx)
		}
		if err == nil || !strings.Contains(err.Error(), lists[0]) {
			t.Errorf("byte %d of the list flipped: %v", at, err)
		}
	}
	if err := os.Remove(lists[0]); err != nil {
		t.Fatal(err)
	}
	j, err := file.Open(dir).Open(ctx, "r1")
	if err == nil {
		_, err = j.Plan(ctx)
	}
	if err == nil || !strings.Contains(err.Error(), "its list of tenants is missing") {
		t.Errorf("without its list: %v", err)
	}
}

func FuzzTenantLists(f *testing.F) {
	list, rest := file.PackTenants([]engine.Tenant{{ID: "b", Weight: 1, Pin: "1"}, {ID: "a", Weight: 2, PriorRequests: 7}})
	f.Add(list, rest.Order, rest.Prior)
	f.Fuzz(func(t *testing.T, list, order, prior []byte) {
		if tenants, err := file.UnpackTenants(list, order, prior); err == nil {
			again, rest := file.PackTenants(tenants)
			if back, err := file.UnpackTenants(again, rest.Order, rest.Prior); err != nil || len(back) != len(tenants) {
				t.Errorf("%v, then %v: %v", tenants, back, err)
			}
		}
	})
}
