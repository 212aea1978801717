package simulator

import (
	"path/filepath"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Kept is a world that is in a folder, and what it was made of, for somebody who has the
// folder and not the settings.
type Kept struct {
	Environment engine.Environment
	Plugin      string
	Config      Config
}

// ListKept lists the worlds of a folder, by environment and plugin. A folder that is not there
// has none. Nothing is locked, created or changed.
func ListKept(dir string) ([]Kept, error) {
	files, err := filepath.Glob(filepath.Join(escaped(dir), "*", "*", worldFile))
	if err != nil {
		return nil, err
	}
	var all []Kept
	for _, path := range files {
		w, _, err := readFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, Kept{w.env, w.plugin, w.cfg})
	}
	return all, nil
}

// escaped is a path as a pattern that matches it alone.
func escaped(path string) string {
	var b []byte
	for i := range len(path) {
		if c := path[i]; c == '*' || c == '?' || c == '[' || c == '\\' && filepath.Separator != '\\' {
			b = append(b, '\\')
		}
		b = append(b, path[i])
	}
	return string(b)
}
