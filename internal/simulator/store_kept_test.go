package simulator

import (
	"path/filepath"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestListKept finds worlds in a folder whose name looks like a pattern, and opens one with
// what it was made of.
func TestListKept(t *testing.T) {
	dir, cfg := filepath.Join(t.TempDir(), "a[b]*"), installed(DefaultConfig())
	cfg.Tenants = 77
	if kept, err := ListKept(dir); err != nil || len(kept) > 0 {
		t.Fatalf("a folder that is not there has %v, %v", kept, err)
	}
	if err := open(t, dir, cfg).Close(); err != nil {
		t.Fatal(err)
	}
	kept, err := ListKept(dir)
	if err != nil || len(kept) != 1 || kept[0].Environment != engine.Production || kept[0].Plugin != stripe {
		t.Fatalf("%v, %v", err, kept)
	}
	w, _, err := Peek(t.Context(), dir, kept[0].Environment, kept[0].Plugin, kept[0].Config)
	if err != nil || len(w.Members) != cfg.Instances || w.cfg.Tenants != 77 {
		t.Errorf("%v, %+v", err, w)
	}
}
