package simulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

func TestStoreLock(t *testing.T) {
	dir, cfg := t.TempDir(), DefaultConfig()
	s := open(t, dir, cfg)
	if _, err := Open(context.Background(), dir, engine.Production, stripe, cfg, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("a second process gets %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	tries := 0
	wait := func(ctx context.Context, _ time.Duration) error {
		if tries++; tries == 3 {
			cancel()
		}
		return ctx.Err()
	}
	if _, err := Open(ctx, dir, engine.Production, stripe, cfg, wait); !errors.Is(err, context.Canceled) {
		t.Errorf("a second process that is cancelled gets %v", err)
	}
	// Another plugin and another environment are other worlds.
	other, err := Open(context.Background(), dir, engine.Staging, stripe, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	waited := func(context.Context, time.Duration) error { return s.Close() }
	again, err := Open(context.Background(), dir, engine.Production, stripe, cfg, waited)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(other.Close(), again.Close(), again.Close()); err != nil {
		t.Error(err)
	}
}

func TestStoreRefuses(t *testing.T) {
	dir := t.TempDir()
	cfg := installed(DefaultConfig())
	s := open(t, dir, cfg)
	folder := s.Folder()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	peek := func(c Config) error {
		_, _, err := Peek(context.Background(), dir, engine.Production, stripe, c)
		return err
	}
	other := cfg.copied()
	other.Instances, other.Tenants, other.Seed, other.Installed[stripe] = 11, 151, 2, "1.4.0"
	err := peek(other)
	var where *FolderError
	var ps engine.Problems
	if !errors.As(err, &where) || !errors.As(err, &ps) || len(ps) != 4 || where.Folder != folder {
		t.Errorf("other settings: %v", err)
	}
	for _, want := range []string{"simulated.instances: 11", "simulated.tenants: 151", "simulated.seed: 2", `simulated.installed["` + stripe + `"]`, folder} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
	live := bad(cfg)
	live.RequestsPerSecond, live.Installed["another"] = 10, "1.0.0"
	if err := peek(live); err != nil {
		t.Errorf("live settings: %v", err)
	}
	path := filepath.Join(folder, worldFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, content := range map[string]string{
		"broken": string(data[:len(data)/2]), "empty": "", "newer": strings.Replace(string(data), fmt.Sprintf(`"format":%d`, saveFormat), fmt.Sprintf(`"format":%d`, saveFormat+1), 1),
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		err := peek(cfg)
		if err == nil || !strings.Contains(err.Error(), path) || what == "newer" && !strings.Contains(err.Error(), "newer version") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestStoreReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("as root every folder can be written to: a file takes the folder's place instead")
	}
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), dir, engine.Production, stripe, DefaultConfig(), nil)
	if err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a folder that cannot be made: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	cfg := bad(installed(DefaultConfig()))
	cfg.Instances, cfg.Tenants = 2, 3
	cfg.Faults = []Fault{{Kind: ErrorSpike, Magnitude: 0.5, FromSeconds: 10, Absolute: true}}
	w, err := NewWorld(cfg, engine.QA, stripe)
	if err != nil {
		f.Fatal(err)
	}
	data, err := w.Save()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("{}"))
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		w, err := Load(data)
		if err != nil || w.cfg.Tenants > 1000 || w.cfg.Instances > 1000 || w.cfg.RequestsPerSecond > 1e5 {
			return
		}
		if w.Time > int64(1e18) {
			return
		}
		// What is read as a world must live.
		if _, err := engine.ReadSnapshot(t.Context(), w); err != nil && !errors.Is(err, ErrNoFleet) {
			t.Fatal(err)
		}
		w.RunUntil(w.Now().Add(time.Minute))
		_, err = w.Measure(t.Context(), engine.Question{
			Rollout: "r", Version: "1.6.0", From: w.Now().Add(-time.Minute), To: w.Now(), Bounds: []float64{1, 70, 500}, Candidate: usually, Baseline: usually,
		})
		if err != nil && !errors.Is(err, ErrNoMetrics) {
			t.Fatal(err)
		}
		if _, err := w.Save(); err != nil {
			t.Fatal(err)
		}
	})
}
