// Package hosttest has a plugin host for tests: its program and a catalogue, built once.
package hosttest

import (
	"context"
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

// built is where all is that was built in this process.
var built = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "hotswap-pluginhost-")
	if err != nil {
		return "", err
	}
	return folder, catalogue.Build(context.Background(), filepath.Join(folder, "catalogue"), Source(), catalogue.Examples())
})

// program is the plugin host's.
var program = sync.OnceValues(func() (string, error) {
	folder, err := built()
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "pluginhost")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".")
	cmd.Dir, cmd.Env = Source(), append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", &buildError{out, err}
	}
	return path, nil
})

type buildError struct {
	out []byte
	err error
}

func (e *buildError) Error() string { return e.err.Error() + ": " + string(e.out) }

// Main runs the tests of a package, and takes away what was built for them.
func Main(m *testing.M) {
	code := m.Run()
	if folder, _ := built(); folder != "" {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

// Catalogue is a catalogue of the examples, that tests share: they only read it.
func Catalogue(t testing.TB) string {
	t.Helper()
	folder, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "catalogue")
}

// Program is the plugin host's program.
func Program(t testing.TB) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
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
		if !e.IsDir() {
			if err := os.Symlink(filepath.Join(shared, e.Name()), filepath.Join(folder, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, v := range versions {
		if v.File == "" {
			versions[i].File = map[string]string{catalogue.Process: "payment-process", catalogue.Wasm: "payment.wasm"}[v.Kind]
		}
	}
	if err := catalogue.Write(folder, catalogue.Payment, versions); err != nil {
		t.Fatal(err)
	}
	return folder
}
