package conformance

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// document is the contract, as far as answers are held against it.
type document struct {
	schemas    map[string]any
	operations []operation
}

// operation is a method of a path, and what its answers are of, by status.
type operation struct {
	method  string
	path    []string
	answers map[string]string // names of schemas
}

// readDocument reads the contract that this program was built with.
func readDocument() (*document, error) {
	var tree map[string]any
	if err := yaml.Unmarshal(docs.FleetAPI, &tree); err != nil {
		return nil, err
	}
	d := &document{schemas: below(tree, "components", "schemas")}
	for path, methods := range below(tree, "paths") {
		for method := range below(methods) {
			o := operation{strings.ToUpper(method), strings.Split(strings.Trim(path, "/"), "/"), map[string]string{}}
			for status, response := range below(methods, method, "responses") {
				ref, _ := below(response, "content", contract.JSON, "schema")["$ref"].(string)
				o.answers[status] = strings.TrimPrefix(ref, "#/components/schemas/")
			}
			d.operations = append(d.operations, o)
		}
	}
	return d, nil
}

// below is what a tree has under keys; nil where that is nothing, or no object.
func below(tree any, keys ...string) map[string]any {
	for _, key := range keys {
		m, _ := tree.(map[string]any)
		tree = m[key]
	}
	m, _ := tree.(map[string]any)
	return m
}

// find is what the contract says about a method of a path; nil: nothing.
func (d *document) find(method string, path []string) *operation {
	for i := range d.operations {
		o := &d.operations[i]
		same := o.method == method && len(o.path) == len(path)
		for k := 0; same && k < len(path); k++ {
			same = o.path[k] == path[k] || strings.HasPrefix(o.path[k], "{")
		}
		if same {
			return o
		}
	}
	return nil
}

// check says what of v is not as a schema has it. The time of an answer is left to the
// clause about that, and so is a status that the contract does not have.
func (d *document) check(o *operation, status int, v any) []string {
	name, ok := o.answers[strconv.Itoa(status)]
	if !ok {
		return []string{fmt.Sprintf("%d %s is no answer to this in the contract", status, http.StatusText(status))}
	}
	if name == "" {
		return nil
	}
	var w visit
	w.value(d, d.schemas[name], v, "")
	return slices.DeleteFunc(w.wrong, func(text string) bool { return strings.HasPrefix(text, "at ") })
}

// visit goes through a value and its schema.
type visit struct{ wrong []string }

func (w *visit) say(path, format string, args ...any) {
	w.wrong = append(w.wrong, strings.TrimPrefix(path, ".")+" "+fmt.Sprintf(format, args...))
}

func (w *visit) value(d *document, schema, v any, path string) {
	s, _ := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		w.value(d, d.schemas[strings.TrimPrefix(ref, "#/components/schemas/")], v, path)
		return
	}
	if !isOf(s["type"], v) {
		w.say(path, "is %s, and %v is wanted", kindOf(v), s["type"])
		return
	}
	switch v := v.(type) {
	case map[string]any:
		w.object(d, s, v, path)
	case []any:
		for i := range v {
			w.value(d, s["items"], v[i], fmt.Sprintf("%s[%d]", path, i))
		}
		w.bounds(s, "minItems", "maxItems", float64(len(v)), path+" items")
	case float64:
		w.bounds(s, "minimum", "maximum", v, path)
	case string:
		w.text(s, v, path)
	}
}

func (w *visit) object(d *document, s, v map[string]any, path string) {
	if required, ok := s["required"].([]any); ok {
		for _, name := range required {
			if _, there := v[fmt.Sprint(name)]; !there {
				w.say(fmt.Sprintf("%s.%v", path, name), "is missing")
			}
		}
	}
	properties, _ := s["properties"].(map[string]any)
	for name, schema := range properties {
		if one, there := v[name]; there {
			w.value(d, schema, one, path+"."+name)
		}
	}
}

func (w *visit) text(s map[string]any, v, path string) {
	w.bounds(s, "minLength", "maxLength", float64(len([]rune(v))), path+" characters")
	if pattern, ok := s["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v) {
		w.say(path, "is %.40q, and not of the form %s", v, pattern)
	}
	if among, ok := s["enum"].([]any); ok && !slices.Contains(among, any(v)) {
		w.say(path, "is %.40q, and not one of %v", v, among)
	}
	if _, err := time.Parse(time.RFC3339Nano, v); s["format"] == "date-time" && err != nil {
		w.say(path, "is %.40q, and not a time of RFC 3339", v)
	}
}

// bounds holds a number against two that a schema may have.
func (w *visit) bounds(s map[string]any, least, most string, n float64, path string) {
	if low, ok := number(s[least]); ok && n < low {
		w.say(path, "are %g, and below %g", n, low)
	}
	if high, ok := number(s[most]); ok && n > high {
		w.say(path, "are %g, and above %g", n, high)
	}
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case uint64:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// isOf says whether v is of a type, or of one of several.
func isOf(typ, v any) bool {
	switch t := typ.(type) {
	case []any:
		return slices.ContainsFunc(t, func(one any) bool { return isOf(one, v) })
	case string:
		kind := kindOf(v)
		if n, ok := v.(float64); ok && t == "integer" {
			return n == math.Trunc(n)
		}
		return kind == t
	}
	return true
}

// kindOf is the type of a value, as schemas call it.
func kindOf(v any) string {
	switch v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case float64:
		return "number"
	case string:
		return "string"
	case bool:
		return "boolean"
	}
	return "null"
}
