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
	fleet "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// document is what of docs/server-api.yaml the tests look at.
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
	if err := yaml.Unmarshal(docs.ServerAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// typesOf are the types that the schemas of the API are written as.
var typesOf = map[string]any{
	"Service": Service{}, "Actor": Actor{}, "Grant": Grant{}, "Environments": Environments{}, "Environment": Environment{}, "Ask": Ask{}, "Plan": Plan{},
	"Warning": Warning{}, "Stage": Stage{}, "Check": Check{}, "Rollout": Rollout{}, "Started": Started{}, "Place": Place{}, "Condition": Condition{},
	"RolloutPage": RolloutPage{}, "Detail": Detail{}, "Step": Step{}, "Line": Line{}, "Glimpse": Glimpse{}, "Signal": Signal{}, "Targets": Targets{},
	"Target": Target{}, "EventPage": EventPage{}, "Event": engine.Event{}, "Verdict": engine.Verdict{}, "Finding": engine.Finding{},
	"Comparison": engine.Comparison{}, "Tokens": Tokens{}, "NewToken": NewToken{}, "Token": Token{}, "MadeToken": MadeToken{}, "Audits": Audits{},
	"Audit": Audit{}, "Problem": Problem{}, "FieldProblem": FieldProblem{},
}

// shared are schemas of a fleet's contract whose types are held against it there; a test of
// the document sees to it that they are the same here.
var shared = map[string]any{
	"Fleet": fleet.Fleet{}, "Capabilities": fleet.Capabilities{}, "Route": engine.Route{}, "VersionCount": engine.VersionCount{}, "Instance": fleet.Instance{},
	"InstancePage": fleet.Page[fleet.Instance]{}, "Tenant": fleet.Tenant{}, "TenantPage": fleet.Page[fleet.Tenant]{}, "FleetTarget": fleet.Target{},
	"RolloutHead": fleet.RolloutHead{}, "FleetRollout": fleet.Rollout{}, "FleetRolloutPage": fleet.RolloutPage{}, "FleetEvent": fleet.Event{},
	"FleetEventPage": fleet.EventPage{}, "Owner": fleet.Owner{}, "Lease": fleet.Lease{}, "Range": engine.Range{}, "Watch": fleet.Watch{},
	"FleetCondition": fleet.Condition{}, "Exposure": engine.Exposure{}, "Broken": engine.Broken{}, "Ailing": engine.Ailing{}, "SmokeTests": engine.SmokeTests{},
	"Question": fleet.Question{}, "Answer": fleet.Answer{}, "Measurement": fleet.Measurement{}, "Histogram": engine.Histogram{}, "Mean": engine.Mean{},
	"MinuteCount": engine.MinuteCount{}, "TenantCount": engine.TenantCount{}, "Unfinished": fleet.Unfinished{}, "Deployment": engine.Spec{}, "Taken": fleet.Taken{}, "OneWay": engine.OneWay{},
}

// TestTypes holds types and schemas against each other, in both directions: every field is a
// property of its kind and the other way round, and what has to be there is written always.
func TestTypes(t *testing.T) {
	d := read(t)
	for name, s := range d.Components.Schemas {
		v, own := typesOf[name]
		if _, theirs := shared[name]; theirs || !own && s.Type == "string" {
			continue
		}
		if !own {
			t.Errorf("%s is in the document, and no type here", name)
			continue
		}
		fields := map[string]bool{}
		for _, f := range fieldsOf(reflect.TypeOf(v)) {
			fields[f.name] = true
			p, ok := s.Properties[f.name]
			if !ok {
				t.Errorf("%s.%s is written, and not in the document", name, f.name)
				continue
			}
			if must := slices.Contains(s.Required, f.name); must == f.omitted {
				t.Errorf("%s.%s: required is %v, and left out where it is empty %v", name, f.name, must, f.omitted)
			}
			if got, want := d.kindOf(t, &p), d.kindOfType(f.typ); got != want {
				t.Errorf("%s.%s is %s in the document, and %s here", name, f.name, got, want)
			}
		}
		for property := range s.Properties {
			if !fields[property] {
				t.Errorf("%s.%s is in the document, and no field", name, property)
			}
		}
	}
	for _, all := range []map[string]any{typesOf, shared} {
		for name := range all {
			if _, ok := d.Components.Schemas[name]; !ok {
				t.Errorf("%s is not in the document", name)
			}
		}
	}
}

type field struct {
	name    string
	typ     reflect.Type
	omitted bool
}

// fieldsOf are the fields of a type as JSON has them: those of what is embedded are its own.
func fieldsOf(typ reflect.Type) (all []field) {
	for f := range typ.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			all = append(all, fieldsOf(f.Type)...)
		} else {
			all = append(all, field{name, f.Type, strings.Contains(options, "omit")})
		}
	}
	return all
}

// kindOf is what a property is: of an object and of a list also whose.
func (d *document) kindOf(t *testing.T, s *schema) string {
	t.Helper()
	switch name := strings.TrimPrefix(s.Ref, "#/components/schemas/"); {
	case name != "" && d.Components.Schemas[name].Type == "string":
		return "string"
	case name != "":
		return name
	case s.Items != nil:
		return "list of " + d.kindOf(t, s.Items)
	}
	is, _ := s.Type.(string)
	return is
}

// kindOfType is kindOf of what is written as a property.
func (d *document) kindOfType(typ reflect.Type) string {
	switch {
	case typ == reflect.TypeFor[time.Time](), typ == reflect.TypeFor[engine.Duration]():
		return "string"
	case typ.String() == "json.RawMessage":
		return "Deployment"
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return d.kindOfType(typ.Elem())
	case reflect.Slice:
		return "list of " + d.kindOfType(typ.Elem())
	case reflect.Struct:
		for _, all := range []map[string]any{typesOf, shared} {
			for name, v := range all {
				if of := reflect.TypeOf(v); of == typ || of.ConvertibleTo(typ) && typ == reflect.TypeFor[engine.Measurement]() {
					return name
				}
			}
		}
		return typ.String()
	case reflect.Bool:
		return "boolean"
	case reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int64:
		return "integer"
	default:
		return typ.Kind().String()
	}
}

// TestReasons holds the list of reasons against that of the document.
func TestReasons(t *testing.T) {
	d := read(t)
	var listed []string
	for _, r := range Reasons() {
		if r.Status < 400 || r.Means == "" || r.Client == "" || StatusOf(r.Reason) != r.Status || slices.Contains(listed, string(r.Reason)) {
			t.Errorf("%+v is not whole, or there twice", r)
		}
		listed = append(listed, string(r.Reason))
	}
	if written := d.Components.Schemas["Reason"].Enum; !slices.Equal(listed, written) || d.Info.Version != Version {
		t.Errorf("reasons %v, and %v in the document %s", listed, written, d.Info.Version)
	}
	if StatusOf("dance") != 0 {
		t.Error("a reason that there is not has a status")
	}
}
