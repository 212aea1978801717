package contract

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// document is what of docs/fleet-api.yaml the tests look at.
type document struct {
	Info       struct{ Version string }
	Components struct{ Schemas map[string]schema }
}

type schema struct {
	Ref        string `yaml:"$ref"`
	Type       any
	Required   []string
	Properties map[string]schema
	Items      *schema
	Enum       []string
}

func read(t *testing.T) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(docs.FleetAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// typesOf are the types that the schemas of the contract are written as.
var typesOf = map[string]any{
	"Taken": Taken{}, "Service": Service{}, "Limits": Limits{}, "Sandbox": Sandbox{}, "Fleet": Fleet{}, "Capabilities": Capabilities{},
	"OneWay": engine.OneWay{},
	"Route":  engine.Route{}, "VersionCount": engine.VersionCount{}, "Instance": Instance{}, "InstancePage": Page[Instance]{}, "Tenant": Tenant{},
	"TenantPage": Page[Tenant]{}, "Target": Target{}, "RolloutHead": RolloutHead{}, "Start": Start{}, "Started": Started{}, "Rollout": Rollout{},
	"RolloutPage": RolloutPage{}, "Event": Event{}, "EventPage": EventPage{}, "Append": Append{}, "Owner": Owner{}, "Lease": Lease{}, "Order": Order{},
	"Change": engine.Change{}, "Range": engine.Range{}, "Watch": Watch{}, "Condition": Condition{}, "Exposure": engine.Exposure{}, "Broken": engine.Broken{},
	"Ailing": engine.Ailing{}, "SmokeTests": engine.SmokeTests{}, "Question": Question{}, "Answer": Answer{}, "Measurement": Measurement{},
	"Histogram": engine.Histogram{}, "Mean": engine.Mean{}, "MinuteCount": engine.MinuteCount{}, "TenantCount": engine.TenantCount{}, "Problem": Problem{},
	"Unfinished": Unfinished{}, "Deployment": engine.Spec{},
}

// scalars are schemas that are no objects.
var scalars = []string{"Time", "Duration", "Digest", "Outcome", "Want", "Reason"}

// lenient are fields that an answer may leave out although the type always writes them: 0
// is what they are then.
var lenient = map[string][]string{
	"Measurement": {"latency", "conversions", "satisfaction", "execution", "cpu", "memory", "tenants"},
	"Histogram":   {"bounds", "slower"}, "Deployment": {"version"},
}

// TestTypes holds types and schemas against each other, in both directions: every field
// is a property of its kind and the other way round, and what has to be there is written always.
func TestTypes(t *testing.T) {
	d := read(t)
	for name, s := range d.Components.Schemas {
		v, ok := typesOf[name]
		if !ok {
			if !slices.Contains(scalars, name) {
				t.Errorf("%s is in the contract, and no type here", name)
			}
			continue
		}
		fields := map[string]bool{}
		for f := range fieldsOf(reflect.TypeOf(v)) {
			fields[f.name] = true
			p, ok := s.Properties[f.name]
			if !ok {
				t.Errorf("%s.%s is written, and not in the contract", name, f.name)
				continue
			}
			if must := slices.Contains(s.Required, f.name); must == f.omitted && !slices.Contains(lenient[name], f.name) {
				t.Errorf("%s.%s: required is %v, and left out where it is empty %v", name, f.name, must, f.omitted)
			}
			if got, want := kindOf(d, p), f.kind; got != want {
				t.Errorf("%s.%s is %s in the contract, and %s here", name, f.name, got, want)
			}
		}
		for property := range s.Properties {
			if !fields[property] {
				t.Errorf("%s.%s is in the contract, and no field", name, property)
			}
		}
	}
	for name := range typesOf {
		if _, ok := d.Components.Schemas[name]; !ok {
			t.Errorf("%s is not in the contract", name)
		}
	}
}

type field struct {
	name, kind string
	omitted    bool
}

func fieldsOf(typ reflect.Type) func(func(field) bool) {
	return func(yield func(field) bool) {
		for i := range typ.NumField() {
			name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if !yield(field{name, kindOfType(typ.Field(i).Type), strings.Contains(options, "omit")}) {
				return
			}
		}
	}
}

func kindOf(d document, s schema) string {
	if s.Ref != "" {
		name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
		if slices.Contains(scalars, name) {
			return "string"
		}
		return "object"
	}
	if types, ok := s.Type.([]any); ok {
		return types[0].(string)
	}
	return s.Type.(string)
}

func kindOfType(typ reflect.Type) string {
	switch {
	case typ == reflect.TypeFor[time.Time](), typ == reflect.TypeFor[engine.Duration]():
		return "string"
	case typ.String() == "json.RawMessage":
		return "object"
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return kindOfType(typ.Elem())
	case reflect.Slice:
		return "array"
	case reflect.Struct:
		return "object"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int64:
		return "integer"
	default:
		return typ.String()
	}
}

// TestReasons holds the list of reasons against that of the contract.
func TestReasons(t *testing.T) {
	d := read(t)
	var listed []string
	for _, r := range Reasons() {
		if r.Status < 400 || r.Means == "" || r.Client == "" || StatusOf(r.Reason) != r.Status {
			t.Errorf("%+v is not whole", r)
		}
		listed = append(listed, string(r.Reason))
	}
	slices.Sort(listed)
	written := slices.Sorted(slices.Values(d.Components.Schemas["Reason"].Enum))
	if !slices.Equal(listed, written) || d.Info.Version != Version {
		t.Errorf("reasons %v, and %v in the contract %s", listed, written, d.Info.Version)
	}
}
