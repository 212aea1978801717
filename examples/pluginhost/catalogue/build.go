package catalogue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
)

// module is the source of the artefacts.
const module = "github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost"

// The artefacts of the payment plugin, in the folder of a catalogue.
const (
	Program   = "payment-process"
	Module    = "payment.wasm"
	truncated = "payment.truncated" // half of a program, like after a download that broke off
)

// Payment is the plugin that comes with the host.
const Payment = "payment"

// Build makes a catalogue of versions of the payment plugin in a folder: it compiles both
// artefacts with the go command, from the source in another folder, or below it. Files that
// versions name are looked for in the folder of the catalogue.
func Build(ctx context.Context, folder, source string, versions []Version) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	process := filepath.Join(folder, Program)
	if err := compile(ctx, source, nil, "-o", process, module+"/plugins/payment/process"); err != nil {
		return err
	}
	if err := compile(ctx, source, []string{"GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0"},
		"-buildmode=c-shared", "-o", filepath.Join(folder, Module), module+"/plugins/payment/wasm"); err != nil {
		return err
	}
	if err := truncate(process, filepath.Join(folder, truncated)); err != nil {
		return err
	}
	return Write(folder, Payment, versions)
}

// compile runs the go command.
func compile(ctx context.Context, source string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-buildvcs=false", "-ldflags", "-s -w"}, args...)...)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), append(env, "GOWORK=off")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s in %s: %w: %s (is that the folder of the plugin host's source?)", args[len(args)-1], source, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// truncate leaves the first half of a program.
func truncate(from, to string) error {
	all, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, all[:len(all)/2], 0o755) //nolint:gosec // it is a program, or half of one
}

// Write writes versions of a plugin into the folder of a catalogue, where their files are,
// and reads them again: the error has all that is wrong with any.
func Write(folder, pluginID string, versions []Version) error {
	for _, v := range versions {
		if !word.MatchString(v.Version) {
			return fmt.Errorf("version %q of %s: that is no name of a folder", v.Version, pluginID)
		}
		at := filepath.Join(folder, pluginID, v.Version)
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		v.File = filepath.Join("..", "..", v.File)
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(at, file), append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	_, err := Read(folder, pluginID)
	return err
}

// named is a version in a list of them.
type named struct {
	Name string `json:"version"`
	Version
}

// List reads a list of versions, as `pluginhost build --versions` takes it: each has its
// number in "version", and its file may be left out.
func List(path string) ([]Version, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []named
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var versions []Version
	var problems []error
	for i, n := range list {
		v := n.Version
		v.Version = n.Name
		if v.File == "" {
			v.File = map[string]string{Process: Program, Wasm: Module}[v.Kind]
		}
		if !word.MatchString(v.Version) {
			problems = append(problems, fmt.Errorf("%s: version %d: %q is no version", path, i+1, v.Version))
		}
		text, _ := json.Marshal(v) //nolint:errchkjson // it was JSON just now
		if _, wrong := parse(text); len(wrong) > 0 {
			problems = append(problems, fmt.Errorf("%s: version %d (%s): %s", path, i+1, v.Version, strings.Join(wrong, "; ")))
		}
		versions = append(versions, v)
	}
	if len(versions) == 0 {
		problems = append(problems, fmt.Errorf("%s: there is no version", path))
	}
	return versions, errors.Join(problems...)
}

// Examples are versions of the payment plugin of which each does something else: two that
// are good, a process and a module, and what goes wrong.
func Examples() []Version {
	good := plugin.Behaviour{LatencyMS: 5, ErrorRate: 0.005, ConversionRate: 0.3}
	but := good.On
	return []Version{
		{Version: "1.5.0", Kind: Process, File: Program, Behaviour: good},
		{Version: "1.6.0", Kind: Wasm, File: Module, Behaviour: good},
		{Version: "1.7.0", Kind: Process, File: Program, Behaviour: but(plugin.Behaviour{ErrorRate: 0.2})},
		{Version: "1.8.0", Kind: Process, File: Program, Behaviour: but(plugin.Behaviour{PanicRate: 0.02})},
		{Version: "1.9.0", Kind: Wasm, File: Module, Behaviour: but(plugin.Behaviour{LatencyMS: 300})},
		{Version: "2.0.0", Kind: Process, File: truncated, Behaviour: good},
		{Version: "2.1.0", Kind: Wasm, File: Module, Behaviour: good, Tenant: map[string]plugin.Behaviour{"tenant-007": {ErrorRate: 1}}},
	}
}
