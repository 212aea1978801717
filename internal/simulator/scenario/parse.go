package scenario

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// SetDefaults implements [yamlfile.Defaulted].
func (v *Version) SetDefaults() { v.Behaviour = simulator.DefaultBehaviour() }

// form is that of the files that scenarios are in.
var form = yamlfile.Form{
	What: "scenario", Members: membersOf, Free: "description",
	Stranger: "is not a scenario: it has none of the keys that one begins with (deployment, " +
		"fleet, tenants, traffic, installed, versions, faults, signals, crashes, expect, tune)",
}

// Read reads a scenario from a file. The error is [Problems], or why the file
// cannot be read.
func Read(file string) (*Scenario, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > yamlfile.MaxBytes {
		return nil, form.TooLarge(file, info.Size())
	}
	return ReadFrom(file, f)
}

// ReadFrom reads a scenario from r, and no more of it than a scenario can have. file
// names it in problems.
func ReadFrom(file string, r io.Reader) (*Scenario, error) {
	data, err := io.ReadAll(io.LimitReader(r, yamlfile.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	return Parse(file, data)
}

// ReadFleet reads a scenario from a file for the sake of its fleet: what is rolled out
// on it is said elsewhere, so that versions that the file's own rollout does not know
// are no problem. See [Scenario.Unmatched].
func ReadFleet(file string) (*Scenario, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parse(file, data, (*Scenario).fleetUnmatched)
}

// Parse reads a scenario. file names it in problems; the error is [Problems].
func Parse(file string, data []byte) (*Scenario, error) {
	return parse(file, data, (*Scenario).unmatched)
}

// heading is the comment in the first line; "" where that names the schema, or is none.
func heading(data []byte) string {
	first, _, _ := strings.Cut(string(data), "\n")
	if comment, ok := strings.CutPrefix(first, "#"); ok && !strings.Contains(first, "$schema=") {
		return strings.TrimSpace(comment)
	}
	return ""
}

func parse(file string, data []byte, unmatched func(*Scenario) Problems) (*Scenario, error) {
	data = yamlfile.Unmarked(data)
	s := New()
	s.first = heading(data)
	read, ps := form.Read(file, data, s)
	if len(ps) > 0 {
		return nil, ps.Sorted()
	}
	s.file = *read
	if len(read.Written) == 0 {
		return nil, Problems{{File: file, Message: "is empty: a scenario has a deployment at least"}}
	}
	if s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	ps = append(s.validate(), s.zeros()...)
	if s.Candidate() != "" { // else nothing matches, which is said already
		ps = append(ps, unmatched(s)...)
	}
	if len(ps) > 0 {
		return nil, ps.Sorted()
	}
	return s, nil
}
