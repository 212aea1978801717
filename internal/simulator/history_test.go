package simulator

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// deploy does what one apply of Terraform does to a fleet in a folder: it looks twice,
// for the refresh and for the plan, and rolls version out.
func deploy(t testing.TB, dir string, cfg Config, version string) engine.State {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(js engine.Journals) {
		t.Helper()
		last, err := js.List(ctx, engine.Production, stripe, engine.Filter{Limit: 1})
		must(err)
		if len(last) == 0 {
			return
		}
		j, err := js.Open(ctx, last[0].Rollout)
		must(err)
		_, _, _, err = engine.LoadState(ctx, j)
		must(err)
	}
	spec := to(engine.Direct)
	spec.Version = version
	for range 2 {
		w, js, err := Peek(ctx, dir, engine.Production, stripe, cfg)
		must(err)
		read(js)
		snapshot, err := engine.ReadSnapshot(ctx, w)
		must(err)
		_, err = engine.Compile(w.NextRollout(), spec, snapshot)
		must(err)
	}
	s, err := Open(ctx, dir, engine.Production, stripe, cfg, nil)
	must(err)
	read(s.Journals())
	snapshot, err := engine.ReadSnapshot(ctx, s.World())
	must(err)
	plan, err := engine.Compile(s.World().NextRollout(), spec, snapshot)
	must(err)
	j, err := s.Journals().Begin(ctx, plan)
	must(err)
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: s.World(), Meter: s.World(), Journal: j, Judge: engine.JudgeByMode{}, Now: s.World().Now})
	must(err)
	must(s.World().Drive(ctx, r, walker.Options{}))
	must(s.Close())
	return r.State()
}

// sizeOf is how many bytes the files of a folder have.
func sizeOf(t testing.TB, dir string) (size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(path)
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// BenchmarkHistory is what an apply to 100,000 tenants costs after 1, 10 and 100
// rollouts, and how large the folder is then.
func BenchmarkHistory(b *testing.B) {
	dir, cfg := b.TempDir(), installed(DefaultConfig())
	cfg.Tenants = 100_000
	done := 0
	next := func(b *testing.B) {
		done++
		if s := deploy(b, dir, cfg, fmt.Sprintf("2.0.%d", done%7)); s.Outcome != engine.Succeeded {
			b.Fatal(s)
		}
	}
	for _, rollouts := range []int{1, 10, 100} {
		for done < rollouts {
			next(b)
		}
		b.Run(fmt.Sprintf("after=%d", rollouts), func(b *testing.B) {
			for b.Loop() {
				next(b)
			}
			b.ReportMetric(float64(sizeOf(b, dir))/1e6, "folder-MB")
		})
	}
}

// What an apply reads, writes and leaves does not grow with the rollouts before it: the
// folder comes to a size and stays there, no old journal is opened, and rollouts go on
// counting.
func TestHistoryCostsNothing(t *testing.T) {
	dir, cfg := t.TempDir(), installed(DefaultConfig())
	cfg.Tenants, cfg.KeepRollouts = 2_000, 6
	journals := filepath.Join(folderOf(dir, engine.Production, stripe), journalsDir)
	var sizes []int64
	for n := 1; n <= 40; n++ {
		if s := deploy(t, dir, cfg, fmt.Sprintf("2.0.%d", n%7)); s.Outcome != engine.Succeeded {
			t.Fatal(s)
		}
		sizes = append(sizes, sizeOf(t, dir))
		// What has ended is not read again: it could as well be noise.
		names, err := filepath.Glob(filepath.Join(journals, "*.journal"))
		if err != nil || len(names) > 6 {
			t.Fatalf("after %d rollouts there are %d journals, %v", n, len(names), err)
		}
		for _, name := range names[:len(names)-1] {
			info, err := os.Stat(name)
			if err == nil {
				err = os.WriteFile(name, make([]byte, info.Size()), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if early, late := sizes[14], sizes[39]; late > early*11/10 {
		t.Errorf("the folder had %d bytes after 15 rollouts, and has %d after 40: %d", early, late, sizes)
	}
	w, js, err := Peek(t.Context(), dir, engine.Production, stripe, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if id := w.NextRollout(); id != stripe+"-production-41" {
		t.Errorf("the next rollout is %s", id)
	}
	if last, err := engine.Completed(t.Context(), js, engine.Production, stripe); err != nil || last.Rollout != stripe+"-production-40" {
		t.Errorf("the last that succeeded is %s, %v", last.Rollout, err)
	}
}

// A world forgets the names of rollouts, and not how many there were.
func TestWorldForgetsNames(t *testing.T) {
	w, err := NewWorld(installed(DefaultConfig()), engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 250; n++ {
		id := w.NextRollout()
		if want := fmt.Sprintf("%s-production-%d", stripe, n); id != want {
			t.Fatalf("rollout %d is %s", n, id)
		}
		w.heard(id)
		w.heard(id)
		if n%60 == 0 { // as the next process finds it
			data, err := w.Save()
			if err != nil {
				t.Fatal(err)
			}
			if w, err = Load(data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(w.Rollouts) != mostHeard || w.Forgot != 150 {
		t.Errorf("it knows %d, and has forgotten %d", len(w.Rollouts), w.Forgot)
	}
}

// A rollout that began, and whose writer died before it could say so to a world that has
// forgotten names, counts.
func TestBegunBehindTheWorldsBack(t *testing.T) {
	dir, cfg := t.TempDir(), installed(DefaultConfig())
	deploy(t, dir, cfg, "2.0.0")
	s := open(t, dir, cfg)
	s.World().Forgot = 7
	plan, err := engine.Compile(s.World().NextRollout(), to(engine.Direct), s.World().Snapshot())
	if err != nil || plan.Rollout != stripe+"-production-9" {
		t.Fatal(plan.Rollout, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.files.Begin(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, cfg)
	if id := s.World().NextRollout(); id != stripe+"-production-10" || len(s.World().Rollouts) != 2 {
		t.Errorf("the next rollout is %s after %v", id, s.World().Rollouts)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
