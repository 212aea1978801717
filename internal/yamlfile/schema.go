package yamlfile

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
)

// Describer says of types and fields what a JSON schema has of them.
type Describer struct {
	Title, Description string
	Required           []string
	// Comment is what is said about a field of a Go type; "": nothing.
	Comment func(t reflect.Type, field string) string
	// Sections describe the sections of a mapping, by their keys.
	Sections map[string]string
	// Enums are the types with few values.
	Enums map[reflect.Type]func() []string
	// Special are the schemas of types that are read in ways of their own.
	Special map[reflect.Type]map[string]any
	// Member is the schema of a key that is not like others of its type; nil: it is.
	Member func(Member) map[string]any
}

// Schema is the JSON schema of files of the form: what editors complete and check. usual
// points to a value with the defaults.
func (f Form) Schema(usual any, d Describer) ([]byte, error) {
	x := schemer{f, d}
	v := reflect.ValueOf(usual).Elem()
	top := x.object(v, f.Members(v.Type()))
	top["$schema"], top["title"], top["description"] = "https://json-schema.org/draft/2020-12/schema", d.Title, d.Description
	if len(d.Required) > 0 {
		top["required"] = d.Required
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
	Form
	Describer
}

// object is the schema of a mapping with the keys of members. usual has their defaults.
func (x *schemer) object(usual reflect.Value, members []Member) map[string]any {
	properties := map[string]any{}
	for _, m := range members {
		var p map[string]any
		if m.Section != nil {
			p = x.object(usual, m.Section)
			p["description"] = x.Sections[m.Key]
		} else {
			p = x.member(m, usual.FieldByIndex(m.Index))
		}
		properties[m.Key] = p
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}

func (x *schemer) member(m Member, usual reflect.Value) map[string]any {
	var p map[string]any
	if x.Member != nil {
		p = x.Member(m)
	}
	if p == nil {
		p = x.value(m.Kind)
	}
	if c := x.Comment(m.Owner, m.Field); c != "" {
		p["description"] = c
	}
	if simple(usual.Kind()) && !usual.IsZero() {
		p["default"] = usual.Interface()
	}
	return p
}

func simple(k reflect.Kind) bool {
	return k == reflect.Int || k == reflect.Int64 || k == reflect.Float64 || k == reflect.String || k == reflect.Bool
}

func (x *schemer) value(t reflect.Type) map[string]any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if words, ok := x.Enums[t]; ok {
		return map[string]any{"type": "string", "enum": words()}
	}
	if special, ok := x.Special[t]; ok {
		return special
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) { // a duration
		return map[string]any{"type": "string", "pattern": "^(P.+|([0-9.]+(ns|us|µs|ms|s|m|h))+|0)$", "examples": []string{"10m", "PT10M"}}
	}
	switch t.Kind() {
	case reflect.Struct:
		return x.object(UsualOf(t), x.Members(t))
	case reflect.Map:
		p := map[string]any{"type": "object", "additionalProperties": x.value(t.Elem())}
		if words, ok := x.Enums[t.Key()]; ok {
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

// UsualOf is a t in which everything has its default.
func UsualOf(t reflect.Type) reflect.Value {
	v := reflect.New(t)
	if x, ok := v.Interface().(Defaulted); ok {
		x.SetDefaults()
	}
	return v.Elem()
}
