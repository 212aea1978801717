package engine

import (
	"regexp"
	"slices"
	"strings"
)

// IsKind says whether e is one of the four environments that have their kind in their
// name. Any other name needs a kind beside it.
func (e Environment) IsKind() bool { return slices.Contains(Environments(), e) }

// Kind is what the environment of s is like: one of the four, whatever its name. It
// chooses every default. "" where s is wrong and does not say.
func (s Spec) Kind() Environment {
	if s.Environment.IsKind() {
		return s.Environment
	}
	return s.EnvironmentKind
}

// environmentPattern has names that are safe as folders on every system.
var environmentPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

// devices are names that Windows keeps for itself, in whatever case and with any ending.
var devices = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// CheckAddress finds what is wrong with the names of an environment and a plugin.
func CheckAddress(e Environment, plugin string) Problems {
	var ps Problems
	if !pluginPattern.MatchString(plugin) {
		ps.add("plugin_id", quote(plugin), "is not 1..128 letters, digits, '.', '_' or '-' that begin with a letter or digit")
	}
	return append(ps, e.Check()...)
}

// Check finds what is wrong with the name of an environment.
func (e Environment) Check() Problems {
	var ps Problems
	if !e.IsKind() {
		ps.environmentName(string(e))
	}
	return ps
}

func (ps *Problems) environmentName(name string) {
	if !environmentPattern.MatchString(name) {
		ps.add("environment", quote(name), "is not one of %s, nor a name of 1..63 letters, digits, '.', '_' or '-' that begins and ends with a letter or digit", list(Environments()))
		return
	}
	if devices.MatchString(name) {
		ps.add("environment", quote(name), "is a name that some systems keep for devices, and no folder there")
	}
	for _, e := range Environments() {
		if strings.EqualFold(string(e), name) {
			ps.add("environment", quote(name), "is %s in other letters: some systems cannot tell them apart", e)
		}
	}
}

// validateAddress checks where a spec deploys to, and of which kind that is.
func (s Spec) validateAddress(ps *Problems) {
	found := CheckAddress(s.Environment, s.PluginID)
	*ps = append(*ps, found...)
	wrong := slices.ContainsFunc(found, func(p Problem) bool { return p.Path == "environment" })
	switch kind := s.EnvironmentKind; {
	case kind != "" && !kind.IsKind():
		ps.add("environment_kind", quote(string(kind)), "is not one of %s", list(Environments()))
	case s.Environment.IsKind() && kind != "" && kind != s.Environment:
		ps.add("environment_kind", quote(string(kind)), "is not the kind of %s, whose name says it: leave it out", s.Environment)
	case !s.Environment.IsKind() && kind == "" && !wrong:
		ps.add("environment", quote(string(s.Environment)), "is not one of %s: a name of your own needs environment_kind beside it, which is one of them", list(Environments()))
	}
}
