// Package hosttest has a plugin host for tests: its program and a catalogue, built once.
package hosttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
)

// Source is the folder of the plugin host's source.
func Source() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(file))
}

// built is the folder of the program and the catalogue that were built in this process. The
// catalogue is built by the program, which is faster than a test that looks for races.
var built = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "hotswap-pluginhost-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "pluginhost")
	if err := inSource("go", "build", "-buildvcs=false", "-o", program, "."); err != nil {
		return folder, err
	}
	return folder, inSource(program, "build", "--out", filepath.Join(folder, "catalogue"))
})

func inSource(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = Source(), append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w: %s", name, args, err, out)
	}
	return nil
}

// Main runs the tests of a package, and takes away what was built for them; more does so for
// what a package built itself.
func Main(m *testing.M, more ...func()) {
	code := m.Run()
	for _, f := range more {
		f()
	}
	if folder, _ := built(); folder != "" { // which is built by all that have tests
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

// Catalogue is a catalogue of the examples, that tests share: they only read it.
func Catalogue(t testing.TB) string { return filepath.Join(folder(t), "catalogue") }

// Program is the plugin host's program.
func Program(t testing.TB) string { return filepath.Join(folder(t), "pluginhost") }

func folder(t testing.TB) string {
	t.Helper()
	folder, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// Own is a catalogue of a test's own, of artefacts that it shares and other versions.
func Own(t testing.TB, versions ...catalogue.Version) string {
	t.Helper()
	shared, folder := Catalogue(t), t.TempDir()
	entries, err := os.ReadDir(shared)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "cache" {
			if err := os.Symlink(filepath.Join(shared, e.Name()), filepath.Join(folder, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, v := range versions {
		if v.File == "" {
			versions[i].File = map[string]string{catalogue.Process: catalogue.Program, catalogue.Wasm: catalogue.Module}[v.Kind]
		}
	}
	if err := catalogue.Write(folder, catalogue.Payment, versions); err != nil {
		t.Fatal(err)
	}
	return folder
}
