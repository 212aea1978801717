package scenario

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Comment is what is said about a field of a Go type; "": nothing.
type Comment func(t reflect.Type, field string) string

// Schema is the JSON schema of scenarios: what editors complete and check. It is
// made of the same types that [Parse] reads into.
func Schema(comment Comment) ([]byte, error) {
	x := schemer{comment: comment}
	root := x.object(reflect.ValueOf(New()).Elem(), membersOf(scenarioType))
	root["required"] = []string{"deployment"}
	top := map[string]any{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"title":       "hotswap scenario",
		"description": "A rollout on a simulated fleet: who is there, what is rolled out, what goes wrong, what is expected.",
	}
	for k, v := range root {
		top[k] = v
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(top)
	return b.Bytes(), err
}

// schemer turns types into schemas.
type schemer struct {
	comment Comment
}

// object is the schema of a mapping with the keys of members. usual has their defaults.
func (x *schemer) object(usual reflect.Value, members []member) map[string]any {
	properties := map[string]any{}
	for _, m := range members {
		var p map[string]any
		if m.Section != nil {
			p = x.object(usual, m.Section)
			p["description"] = sectionWords[m.Key]
		} else {
			p = x.value(m.Kind)
			if m.Key == "environment" { // any name, beside the four that are kinds
				p = map[string]any{"type": "string", "examples": texts(engine.Environments())}
			}
			if c := x.comment(m.Owner, m.Field); c != "" {
				p["description"] = c
			}
			if d := usual.FieldByIndex(m.Index); simple(d.Kind()) && !d.IsZero() {
				p["default"] = d.Interface()
			}
		}
		properties[m.Key] = p
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}

// sectionWords describe the sections of a world.
var sectionWords = map[string]string{
	"fleet":   "the instances, and how long things take on them",
	"tenants": "who sends the requests",
	"traffic": "how many requests they send",
	"metrics": "what the numbers are like that the engine is told about the traffic",
}

func simple(k reflect.Kind) bool {
	return k == reflect.Int || k == reflect.Int64 || k == reflect.Float64 || k == reflect.String || k == reflect.Bool
}

func (x *schemer) value(t reflect.Type) map[string]any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if words, ok := enums[t]; ok {
		return map[string]any{"type": "string", "enum": words()}
	}
	if t == reflect.TypeFor[engine.BatchSize]() {
		return map[string]any{"anyOf": []any{
			map[string]any{"type": "integer", "minimum": 1},
			map[string]any{"type": "string", "pattern": "^[0-9]+%?$"},
		}}
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) { // a duration
		return map[string]any{"type": "string", "pattern": "^(P.+|([0-9.]+(ns|us|µs|ms|s|m|h))+|0)$", "examples": []string{"10m", "PT10M"}}
	}
	switch t.Kind() {
	case reflect.Struct:
		return x.object(usualOf(t), membersOf(t))
	case reflect.Map:
		p := map[string]any{"type": "object", "additionalProperties": x.value(t.Elem())}
		if words, ok := enums[t.Key()]; ok {
			p["propertyNames"] = map[string]any{"enum": words()}
		}
		return p
	case reflect.Slice:
		return map[string]any{"type": "array", "items": x.value(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	default: // a version like 1.10 need not be quoted
		return map[string]any{"type": []string{"string", "number"}}
	}
}

// enums are the types with few values.
var enums = map[reflect.Type]func() []string{
	reflect.TypeFor[simulator.FaultKind](): func() []string { return texts(simulator.FaultKinds()) },
	reflect.TypeFor[engine.Capability]():   func() []string { return texts(engine.AllCapabilities()) },
	reflect.TypeFor[engine.Environment]():  func() []string { return texts(engine.Environments()) },
	reflect.TypeFor[engine.Strategy]():     func() []string { return texts(engine.Strategies()) },
	reflect.TypeFor[engine.Switchover]():   func() []string { return texts([]engine.Switchover{engine.Instant, engine.Gradual}) },
	reflect.TypeFor[engine.Policy]():       func() []string { return texts([]engine.Policy{engine.Hold, engine.Rollback}) },
	reflect.TypeFor[engine.Metric]():       func() []string { return texts(engine.DecisionMetrics()) },
	reflect.TypeFor[engine.EventKind]():    func() []string { return texts(engine.EventKinds()) },
	reflect.TypeFor[engine.Phase]():        func() []string { return texts(waiting) },
	reflect.TypeFor[Word]():                func() []string { return texts(Words()) },
	reflect.TypeFor[Ending]():              func() []string { return texts(Endings()) },
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
