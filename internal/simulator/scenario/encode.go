package scenario

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// SchemaComment is the line that gives editors the keys of a scenario.
const SchemaComment = "# yaml-language-server: $schema=https://raw.githubusercontent.com/hotswap-io/terraform-provider-hotswap/main/docs/scenario.schema.json"

// Encode writes s as a file that [Parse] reads back. What has its default is left
// out.
func (s *Scenario) Encode() []byte {
	e := encoder{}
	e.mapping(reflect.ValueOf(s).Elem(), reflect.ValueOf(New()).Elem(), membersOf(scenarioType), 0)
	return e.out.Bytes()
}

// encoder writes Go values as YAML.
type encoder struct{ out bytes.Buffer }

func (e *encoder) indent(depth int) { e.out.WriteString(strings.Repeat("  ", depth)) }

// mapping writes the members of v that differ from those of usual.
func (e *encoder) mapping(v, usual reflect.Value, members []member, depth int) {
	for _, m := range members {
		if m.Section != nil {
			inner := encoder{}
			inner.mapping(v, usual, m.Section, depth+1)
			if inner.out.Len() > 0 {
				e.indent(depth)
				e.out.WriteString(m.Key + ":\n")
				e.out.Write(inner.out.Bytes())
			}
			continue
		}
		was, is := usual.FieldByIndex(m.Index), v.FieldByIndex(m.Index)
		if reflect.DeepEqual(is.Interface(), was.Interface()) || empty(is) {
			continue
		}
		e.indent(depth)
		e.out.WriteString(m.Key + ":")
		e.value(is, depth)
	}
}

// empty says whether v says nothing: a mapping without elements, or no list. A list
// without elements may say that there are none.
func empty(v reflect.Value) bool {
	return v.Kind() == reflect.Slice && v.IsNil() || v.Kind() == reflect.Map && v.Len() == 0
}

// value writes v behind its key, and ends the line.
func (e *encoder) value(v reflect.Value, depth int) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if text, ok := inLine(v); ok {
		e.out.WriteString(" " + text + "\n")
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		inner := encoder{}
		inner.mapping(v, yamlfile.UsualOf(v.Type()), membersOf(v.Type()), depth+1)
		if inner.out.Len() == 0 {
			e.out.WriteString(" {}\n")
			return
		}
		e.out.WriteString("\n")
		e.out.Write(inner.out.Bytes())
	case reflect.Map:
		e.out.WriteString("\n")
		keys := map[string]reflect.Value{}
		for _, k := range v.MapKeys() {
			keys[k.String()] = v.MapIndex(k)
		}
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			e.indent(depth + 1)
			e.out.WriteString(quoted(k) + ":")
			e.value(keys[k], depth+1)
		}
	case reflect.Slice:
		e.out.WriteString("\n")
		for i := range v.Len() {
			inner := encoder{}
			inner.mapping(v.Index(i), yamlfile.UsualOf(v.Type().Elem()), membersOf(v.Type().Elem()), depth+2)
			lines := inner.out.String()
			if lines == "" {
				lines = strings.Repeat("  ", depth+2) + "{}\n"
			}
			e.indent(depth + 1)
			e.out.WriteString("- " + lines[2*(depth+2):])
		}
	default:
		e.out.WriteString(" " + fmt.Sprint(v.Interface()) + "\n")
	}
}

// inLine is v in a line: a scalar, or a list of scalars.
func inLine(v reflect.Value) (string, bool) {
	if x, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := x.MarshalText()
		return quoted(string(text)), err == nil
	}
	if x, ok := v.Interface().(json.Marshaler); ok && v.Kind() == reflect.Struct && len(membersOf(v.Type())) == 0 {
		data, err := x.MarshalJSON()
		return string(data), err == nil
	}
	switch v.Kind() {
	case reflect.String:
		return quoted(v.String()), true
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), true
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			text, ok := inLine(v.Index(i))
			if !ok {
				return "", false
			}
			parts[i] = text
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	return "", false
}

// plain are texts that YAML reads as texts without quotes. Numbers are among them:
// [Parse] takes a number where a text is wanted as it is written.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._%-]*$`)

// special are plain texts that YAML reads as something else.
var special = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|null|y|n|.*e[0-9]+|0[xob].*|[0-9]{4}-.*)$`)

func quoted(s string) string {
	if plain.MatchString(s) && !special.MatchString(s) {
		return s
	}
	data, err := json.Marshal(s) // every text of JSON is one of YAML
	if err != nil {
		return strconv.Quote(s)
	}
	return string(data)
}
