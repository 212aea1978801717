package scenario

import (
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// member is a key of a mapping, and where its value is kept.
type member struct {
	key   string
	index []int // of the field, as reflect wants it
	kind  reflect.Type
	// section has the keys below, where the key is not a field of its own: they are
	// fields of the same struct, sorted into sections for the reader.
	section []member
	// owner and field name the Go field, for the words about it in the schema.
	owner reflect.Type
	field string
}

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
				m.index = append([]int{i}, m.index...)
				members = append(members, m)
			}
		case tag == "" || tag == "-" || t == specType && tag == "versions": // the wire's other form of version
		default:
			members = append(members, member{key: word(tag), index: []int{i}, kind: f.Type, owner: t, field: f.Name})
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
		out[i] = member{key: name, owner: scenarioType, field: "World"}
	}
	for _, m := range membersOf(configType) {
		if m.kind == metricsType { // a section already
			for _, of := range membersOf(metricsType) {
				of.index = slices.Concat([]int{world}, m.index, of.index)
				out[len(out)-1].section = append(out[len(out)-1].section, of)
			}
			continue
		}
		section, key := placeOf(m.key)
		if section == "" {
			continue
		}
		i := slices.Index(names, section)
		m.key, m.index = key, append([]int{world}, m.index...)
		out[i].section = append(out[i].section, m)
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
	return join(section, key)
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

// closest is the key that key is probably meant to be; "" where none is near.
func closest(key string, members []member) string {
	best, least := "", 3 // as many slips as are believed
	for _, m := range members {
		if d := slips(key, m.key); d < least {
			best, least = m.key, d
		}
	}
	return best
}

// slips is how many letters have to be put in, taken out or changed to make b of a.
func slips(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
