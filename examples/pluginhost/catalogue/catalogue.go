// Package catalogue reads the versions of plugins that a host may run: a folder with a file
// PLUGIN/VERSION/plugin.json for each.
package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// The kinds of plugins.
const (
	Process = "process" // a program that speaks hashicorp/go-plugin
	Wasm    = "wasm"    // a WebAssembly module
)

// file is what a version's folder has.
const file = "plugin.json"

// Version is a version of a plugin: its artefact, and how it behaves by itself.
type Version struct {
	Version string `json:"-"`
	Kind    string `json:"kind"`
	// File is the artefact; in plugin.json relative to its folder, and once read absolute.
	File string `json:"file"`
	plugin.Behaviour
	// Probes is what it makes of its instance's probes: "ok", "fail", or "", the truth.
	Probes string `json:"probes,omitempty"`
	// Tenant is how it behaves to some tenants, on top: latencies are added.
	Tenant map[string]plugin.Behaviour `json:"tenant,omitempty"`
}

// Behaviours are how the version behaves with faults on top, those of other versions left
// out. A fault of a tenant counts instead of that of all.
func (v *Version) Behaviours(faults []wire.Fault) plugin.Behaviours {
	all, tenants := plugin.Behaviour{}, map[string]plugin.Behaviour{}
	for _, f := range faults {
		over := plugin.Behaviour{LatencyMS: f.LatencyMS, ErrorRate: f.ErrorRate, LeakBytes: f.LeakBytes, PanicRate: f.PanicRate}
		switch {
		case f.Version != v.Version:
		case f.Tenant == "":
			all = over
		default:
			tenants[f.Tenant] = over
		}
	}
	b := plugin.Behaviours{All: v.On(all), Tenants: map[string]plugin.Behaviour{}}
	for t, own := range v.Tenant {
		b.Tenants[t] = v.On(own).On(all)
	}
	for t, over := range tenants {
		b.Tenants[t] = v.On(v.Tenant[t]).On(over)
	}
	return b
}

// word is what plugins and versions may be called: what is safe as the name of a folder.
var word = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)

// Find reads a version of a plugin. Where it is not there, the error says which ones are.
func Find(folder, pluginID, version string) (Version, error) {
	if !word.MatchString(pluginID) || !word.MatchString(version) {
		return Version{}, fmt.Errorf("version %q of %q: both want to be 1 to 64 letters, digits, dots, pluses, dashes and underscores", version, pluginID)
	}
	path := filepath.Join(folder, pluginID, version, file)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Version{}, fmt.Errorf("there is no version %s of %s%s: %s is missing", version, pluginID, others(folder, pluginID), path)
	}
	if err != nil {
		return Version{}, err
	}
	v, problems := parse(text)
	v.Version = version
	if v.File != "" {
		if v.File, err = filepath.Abs(filepath.Join(filepath.Dir(path), v.File)); err != nil {
			problems = append(problems, err.Error())
		}
		if info, err := os.Stat(v.File); err != nil {
			problems = append(problems, fmt.Sprintf("file: there is no %s", v.File))
		} else if !info.Mode().IsRegular() {
			problems = append(problems, fmt.Sprintf("file: %s is no file", v.File))
		}
	}
	if len(problems) > 0 {
		return Version{}, fmt.Errorf("%s: %s", path, strings.Join(problems, "; "))
	}
	return v, nil
}

// Read reads all versions of a plugin, by name. The error has every problem of every one.
func Read(folder, pluginID string) ([]Version, error) {
	var all []Version
	var problems []error
	names := names(folder, pluginID)
	if len(names) == 0 {
		return nil, fmt.Errorf("plugin %s: there is no version in %s", pluginID, filepath.Join(folder, pluginID))
	}
	for _, name := range names {
		v, err := Find(folder, pluginID, name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		all = append(all, v)
	}
	return all, errors.Join(problems...)
}

func names(folder, pluginID string) []string {
	var names []string
	entries, _ := os.ReadDir(filepath.Join(folder, pluginID))
	for _, e := range entries {
		if e.IsDir() && word.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names
}

// others names the versions that there are instead; "": there are none.
func others(folder, pluginID string) string {
	if all := names(folder, pluginID); len(all) > 0 {
		return ", only " + strings.Join(all, ", ")
	}
	return ""
}

// parse reads a version strictly, and says everything that is wrong.
func parse(text []byte) (Version, []string) {
	var v Version
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return Version{}, []string{strings.TrimPrefix(err.Error(), "json: ")}
	}
	var problems []string
	if v.Kind != Process && v.Kind != Wasm {
		problems = append(problems, fmt.Sprintf("kind: %q is neither %q nor %q", v.Kind, Process, Wasm))
	}
	if v.File == "" {
		problems = append(problems, "file: it is missing")
	}
	if err := CheckProbes(v.Probes); err != nil {
		problems = append(problems, err.Error())
	}
	problems = append(problems, Check("", v.Behaviour)...)
	for _, t := range sortedKeys(v.Tenant) {
		problems = append(problems, Check("tenant "+t+": ", v.Tenant[t])...)
	}
	return v, problems
}

func sortedKeys(m map[string]plugin.Behaviour) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
