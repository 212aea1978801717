package scenario

import (
	"errors"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// Problem is one thing that is wrong with a scenario.
type Problem = yamlfile.Problem

// Problems are all the things that are wrong, in the order of the file.
type Problems = yamlfile.Problems

// problem is what is wrong at path. Where the file says nothing at path, it is
// placed at what is around it.
func (s *Scenario) problem(path, message string) Problem { return s.file.Problem(path, message) }

// translated are problems of the simulator or the engine, in the words of the file.
func (s *Scenario) translated(err error, prefix string) Problems {
	var found engine.Problems
	if !errors.As(err, &found) {
		return Problems{s.problem(strings.TrimSuffix(prefix, "."), err.Error())}
	}
	var ps Problems
	for _, p := range found {
		path := prefix + p.Path
		if rest, ok := strings.CutPrefix(p.Path, "simulated."); ok {
			path = inSection(rest)
		}
		message := p.Rule
		if p.Value != "" {
			message = p.Value + " " + p.Rule
		}
		ps = append(ps, s.problem(path, message))
	}
	return ps
}

// inSection is where a scenario says a setting of the world.
func inSection(setting string) string {
	head := setting
	if i := strings.IndexAny(setting, ".["); i >= 0 {
		head = setting[:i]
	}
	section, key := placeOf(head)
	if section != "" {
		key = section + "." + key
	}
	return key + setting[len(head):]
}
