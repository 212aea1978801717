package scenario

import (
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

type member = yamlfile.Member

var (
	scenarioType = reflect.TypeFor[Scenario]()
	configType   = reflect.TypeFor[simulator.Config]()
	specType     = reflect.TypeFor[engine.Spec]()
	metricsType  = reflect.TypeFor[simulator.Metrics]()
)

// membersOf lists the keys of the mapping that is read into a t, in the order in
// which the fields are declared.
func membersOf(t reflect.Type) []member {
	var members []member
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case t == scenarioType && f.Type == configType:
			members = append(members, sections(i)...)
		case f.Anonymous:
			for _, m := range membersOf(f.Type) {
				m.Index = append([]int{i}, m.Index...)
				members = append(members, m)
			}
		case tag == "" || tag == "-" || t == specType && tag == "versions": // the wire's other form of version
		default:
			members = append(members, member{Key: word(tag), Index: []int{i}, Kind: f.Type, Owner: t, Field: f.Name})
		}
	}
	return members
}

// sections are the settings of a world, sorted for the reader. world is the
// position of the field that keeps them.
func sections(world int) []member {
	names := []string{"fleet", "tenants", "traffic", "metrics"}
	out := make([]member, len(names))
	for i, name := range names {
		out[i] = member{Key: name, Owner: scenarioType, Field: "World"}
	}
	for _, m := range membersOf(configType) {
		if m.Kind == metricsType { // a section already
			for _, of := range membersOf(metricsType) {
				of.Index = slices.Concat([]int{world}, m.Index, of.Index)
				out[len(out)-1].Section = append(out[len(out)-1].Section, of)
			}
			continue
		}
		section, key := placeOf(m.Key)
		if section == "" {
			continue
		}
		i := slices.Index(names, section)
		m.Key, m.Index = key, append([]int{world}, m.Index...)
		out[i].Section = append(out[i].Section, m)
	}
	return out
}

// placeOf is where a setting of a world is found in a scenario; "" for those that
// the scenario has words of its own for.
func placeOf(setting string) (section, key string) {
	switch setting {
	case "seed", "installed", "versions", "faults", "metrics":
		return "", setting
	case "tenants":
		return "tenants", "count"
	case "requests_per_second":
		return "traffic", setting
	}
	if rest, ok := strings.CutPrefix(setting, "tenant_"); ok {
		return "tenants", rest
	}
	for _, of := range []string{"traffic", "minute", "load", "surge", "daily", "day", "request"} {
		if strings.HasPrefix(setting, of) {
			return "traffic", setting
		}
	}
	return "fleet", setting
}

// PlaceOf is the path of a setting of a world in a scenario, as tenants.count.
func PlaceOf(setting string) string {
	section, key := placeOf(setting)
	if section == "" {
		return key
	}
	return section + "." + key
}

// renamed are the words of the wire that the configuration says differently.
var renamed = map[string]string{
	"direct_config": "direct", "canary_config": "canary", "blue_green_config": "blue_green",
	"rolling_config": "rolling", "ab_config": "ab_testing",
}

// word turns a name of the wire, like maxLatencyP99Ms, into one of the
// configuration, like max_latency_p99_ms.
func word(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	if w, ok := renamed[b.String()]; ok {
		return w
	}
	return b.String()
}
