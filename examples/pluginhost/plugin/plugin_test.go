package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin/process"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin/wasm"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

var kinds = []string{catalogue.Process, catalogue.Wasm}

// load loads the plugin in one of the two ways.
func load(t testing.TB, kind string, b plugin.Behaviours) plugin.Loaded {
	t.Helper()
	folder := hosttest.Catalogue(t)
	var l plugin.Loaded
	var err error
	if kind == catalogue.Process {
		l, err = process.Load(t.Context(), filepath.Join(folder, "payment-process"), b, 1)
	} else {
		var e *wasm.Engine
		if e, err = wasm.New(t.Context(), filepath.Join(folder, "cache")); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close(context.WithoutCancel(t.Context())) })
		l, err = e.Load(t.Context(), filepath.Join(folder, "payment.wasm"), b, 1, 2, func(string) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func all(b plugin.Behaviour) plugin.Behaviours { return plugin.Behaviours{All: b} }

// TestServe has both kinds do the same work.
func TestServe(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			l := load(t, kind, all(plugin.Behaviour{ConversionRate: 1}))
			for amount, want := range map[int64]string{
				1250: "paid 12.50, fee 0.43", 1: "paid 0.01, fee 0.25", 0: "declined: 0 cents are no amount", 1_000_001: "declined: 1000001 cents are more than 1000000",
			} {
				got, err := l.Serve(t.Context(), plugin.Request{Tenant: "tenant-001", Amount: amount})
				if err != nil || got.Text != want || got.Converted != strings.HasPrefix(want, "paid") {
					t.Errorf("%d: %+v, %v; want %q", amount, got, err, want)
				}
			}
		})
	}
}

// TestBehaves has both kinds behave as they are told, to the tenant of whom it is told.
func TestBehaves(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			l := load(t, kind, plugin.Behaviours{All: plugin.Behaviour{ErrorRate: 0.2}, Tenants: map[string]plugin.Behaviour{"bad": {ErrorRate: 1}, "slow": {LatencyMS: 60}}})
			failed := map[string]int{}
			for i := range 1000 {
				tenant := []string{"good", "bad"}[i%2]
				_, err := l.Serve(t.Context(), plugin.Request{Tenant: tenant, Amount: 100})
				var own *plugin.Error
				if err != nil && !errors.As(err, &own) {
					t.Fatal(err)
				}
				if err != nil {
					failed[tenant]++
				}
			}
			// 500 draws of 0.2: 100, with a standard deviation of 9.
			if failed["bad"] != 500 || failed["good"] < 50 || failed["good"] > 150 {
				t.Errorf("failed: %v", failed)
			}
			begun := time.Now()
			if _, err := l.Serve(t.Context(), plugin.Request{Tenant: "slow", Amount: 100}); err != nil || time.Since(begun) < 15*time.Millisecond {
				t.Errorf("slow took %v, %v", time.Since(begun), err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if _, err := l.Serve(ctx, plugin.Request{Tenant: "slow", Amount: 100}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("in a millisecond: %v", err)
			}
			if err := l.Configure(t.Context(), all(plugin.Behaviour{ErrorRate: 1})); err != nil {
				t.Fatal(err)
			}
			if _, err := l.Serve(t.Context(), plugin.Request{Tenant: "good", Amount: 100}); err == nil {
				t.Error("configured anew, it serves as before")
			}
		})
	}
}

// TestPanics has a plugin panic: a process is over at once, a module when its last
// instance is; and both say why.
func TestPanics(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			l := load(t, kind, all(plugin.Behaviour{PanicRate: 1}))
			for {
				_, err := l.Serve(t.Context(), plugin.Request{Tenant: "tenant-001", Amount: 100})
				if !errors.Is(err, plugin.ErrCrashed) {
					t.Fatalf("%v", err)
				}
				if kind == catalogue.Process {
					break
				}
				select {
				case <-l.Lost():
				default:
					continue
				}
				break
			}
			wait(t, l.Lost())
			if want := "panic: payment of 100 for tenant-001: ledger is nil"; !strings.Contains(l.Why(), want) {
				t.Errorf("%q does not say %q", l.Why(), want)
			}
			if _, err := l.Serve(t.Context(), plugin.Request{Tenant: "t", Amount: 1}); !errors.Is(err, plugin.ErrCrashed) {
				t.Errorf("after it: %v", err)
			}
		})
	}
}

// TestKilled kills a plugin's process while it has requests.
func TestKilled(t *testing.T) {
	l := load(t, catalogue.Process, all(plugin.Behaviour{LatencyMS: 60_000}))
	failed := make(chan error)
	for range 10 {
		go func() {
			_, err := l.Serve(t.Context(), plugin.Request{Tenant: "t", Amount: 1})
			failed <- err
		}()
	}
	if err := syscall.Kill(l.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if err := <-failed; !errors.Is(err, plugin.ErrCrashed) {
			t.Errorf("%v", err)
		}
	}
	wait(t, l.Lost())
}

// TestClosed leaves nothing of a plugin: no process, no folder.
func TestClosed(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	l := load(t, catalogue.Process, plugin.Behaviours{})
	folders, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "hotswap-plugin-*"))
	if len(folders) != 1 {
		t.Fatalf("%v", folders)
	}
	l.Close()
	wait(t, l.Lost())
	if err := syscall.Kill(l.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the process: %v", err)
	}
	if _, err := os.Stat(folders[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", folders[0], err)
	}
}

// TestDoesNotStart says why in one line.
func TestDoesNotStart(t *testing.T) {
	folder := hosttest.Catalogue(t)
	e, err := wasm.New(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	for _, file := range []string{"payment.truncated", "payment.wasm", "payment-process"} {
		if file != "payment-process" {
			_, err = process.Load(t.Context(), filepath.Join(folder, file), plugin.Behaviours{}, 1)
		} else {
			_, err = e.Load(t.Context(), filepath.Join(folder, file), plugin.Behaviours{}, 1, 1, nil)
		}
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
		t.Log(err)
	}
}

// TestBackoff doubles to five seconds, and forgets.
func TestBackoff(t *testing.T) {
	var b plugin.Backoff
	var got []string
	for _, ran := range []time.Duration{0, 0, 0, 0, 0, 0, 0, time.Second, time.Minute, 0} {
		got = append(got, b.After(ran).String())
	}
	want := "[100ms 200ms 400ms 800ms 1.6s 3.2s 5s 5s 100ms 200ms]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func wait(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(time.Minute):
		t.Fatal("nothing happened in a minute")
	}
}

// BenchmarkServe is what a call costs that takes no time.
func BenchmarkServe(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			l := load(b, kind, plugin.Behaviours{})
			for b.Loop() {
				if _, err := l.Serve(b.Context(), plugin.Request{Tenant: "tenant-001", Amount: 1250}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoad is what it costs until a plugin serves, compiled already.
func BenchmarkLoad(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			load(b, kind, plugin.Behaviours{})
			for b.Loop() {
				load(b, kind, plugin.Behaviours{}).Close()
			}
		})
	}
}
