package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// contextsFile is the file of contexts.
type contextsFile struct {
	Current  string                 `yaml:"current"`
	Contexts map[string]contextSpec `yaml:"contexts"`

	path string
}

// contextSpec says how a rollout server is reached. It has no token in it: it says where one is.
type contextSpec struct {
	Controller string `yaml:"controller"`
	TokenFile  string `yaml:"token_file"`
	TokenEnv   string `yaml:"token_env"`
	CAFile     string `yaml:"ca_file"`
	HTTPConfig string `yaml:"http_config"`
	AllowHTTP  bool   `yaml:"allow_http"`
}

// contextsForm is that of the file.
var contextsForm = yamlfile.Form{
	What: "file of contexts", Members: yamlfile.Tagged, Discreet: true, Dotted: true,
	Stranger: "is not a file of contexts: it has none of the keys that one begins with (current, contexts)",
}

// contextsPath is where the contexts are.
func contextsPath() (string, error) {
	if path := os.Getenv("HOTSWAP_CONFIG"); path != "" {
		return path, nil
	}
	dir := os.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("there is no folder for contexts: %w: name a file with HOTSWAP_CONFIG", err)
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "hotswap", "config.yaml"), nil
}

// readContexts reads the contexts. Where there is no file, there are none.
func readContexts() (*contextsFile, error) {
	path, err := contextsPath()
	if err != nil {
		return nil, err
	}
	f := &contextsFile{Contexts: map[string]contextSpec{}, path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if _, ps := contextsForm.Read(path, data, f); len(ps) > 0 {
		return nil, ps.Sorted()
	}
	if f.Contexts == nil {
		f.Contexts = map[string]contextSpec{}
	}
	return f, nil
}

// named is a context, which has to be there.
func (f *contextsFile) named(name, from string) (contextSpec, error) {
	s, ok := f.Contexts[name]
	if !ok {
		return s, fmt.Errorf("%s: %s has no context %q: hotswap context list shows those that there are", from, f.path, name)
	}
	return s, nil
}

// names are those of the contexts, in order.
func (f *contextsFile) names() []string { return slices.Sorted(maps.Keys(f.Contexts)) }

// write writes the contexts for their owner alone.
func (f *contextsFile) write() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	return durable.Write(f.path, f.text(), 0o600)
}

// text is the file. Quoted texts of Go are texts of YAML.
func (f *contextsFile) text() []byte {
	var b bytes.Buffer
	put := func(indent, key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s%s: %s\n", indent, key, strconv.Quote(value))
		}
	}
	put("", "current", f.Current)
	b.WriteString("contexts:\n")
	for _, name := range f.names() {
		s := f.Contexts[name]
		fmt.Fprintf(&b, "  %s:\n", name)
		for _, row := range [][2]string{
			{"controller", s.Controller}, {"token_file", s.TokenFile}, {"token_env", s.TokenEnv}, {"ca_file", s.CAFile}, {"http_config", s.HTTPConfig},
		} {
			put("    ", row[0], row[1])
		}
		if s.AllowHTTP {
			b.WriteString("    allow_http: true\n")
		}
	}
	return b.Bytes()
}

// contextName is what a context may be called: it becomes the name of a file too.
var contextName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,62}$`)

// checkContextName refuses what is no name.
func checkContextName(name string) error {
	if !contextName.MatchString(name) {
		return fmt.Errorf("%q is no name of a context: 1 to 63 letters, digits, '.', '_' or '-' that begin with a letter", name)
	}
	return nil
}

// tokenFileOf is the file beside the contexts that a token of one is kept in.
func (f *contextsFile) tokenFileOf(name string) string {
	return filepath.Join(filepath.Dir(f.path), "tokens", name)
}
