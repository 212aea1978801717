package simulator

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestStoreWithoutItsWorld: journals without the world that they tell of are no new fleet.
func TestStoreWithoutItsWorld(t *testing.T) {
	ctx, dir, cfg := context.Background(), t.TempDir(), installed(DefaultConfig())
	s := open(t, dir, cfg)
	world := filepath.Join(s.Folder(), worldFile)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(world); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, cfg) // nothing ever happened there: a new one is the same
	rollIn(t, s, to(engine.Canary), 15*time.Minute)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(world); err != nil {
		t.Fatal(err)
	}
	_, _, peeked := Peek(ctx, dir, engine.Production, stripe, cfg)
	_, opened := Open(ctx, dir, engine.Production, stripe, cfg, nil)
	for _, err := range []error{peeked, opened} {
		if err == nil || !strings.Contains(err.Error(), world+" is missing") {
			t.Errorf("a fleet whose world is missing: %v", err)
		}
	}
}
