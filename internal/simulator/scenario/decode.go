package scenario

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// decoder reads a tree of YAML into Go values. It is strict, and goes on after a
// problem, to find them all.
type decoder struct {
	s        *Scenario
	problems Problems
}

// defaulted is a type whose zero is not its default.
type defaulted interface{ setDefaults() }

func (d *decoder) refuse(t *token.Token, path, format string, args ...any) {
	p := d.s.problem(path, fmt.Sprintf(format, args...))
	if t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	d.problems = append(d.problems, p)
}

// note remembers where a value is.
func (d *decoder) note(t *token.Token, path string) {
	if t != nil && t.Position != nil {
		d.s.places[path] = place{t.Position.Line, t.Position.Column}
	}
}

// decode reads n into v, which is at path.
func (d *decoder) decode(n ast.Node, path string, v reflect.Value) {
	if n == nil || n.Type() == ast.NullType { // left out
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if v.CanAddr() {
		if x, ok := v.Addr().Interface().(defaulted); ok {
			x.setDefaults()
		}
		if d.spoken(n, path, v) {
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, path, v, membersOf(v.Type()))
	case reflect.Map:
		d.table(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	default:
		d.scalar(n, path, v)
	}
}

// spoken reads types that read themselves: durations, and sizes of batches.
func (d *decoder) spoken(n ast.Node, path string, v reflect.Value) bool {
	var err error
	switch x := v.Addr().Interface().(type) {
	case encoding.TextUnmarshaler:
		text, ok := textOf(n)
		if !ok {
			d.refuse(n.GetToken(), path, "%s is not a text", kindOf(n))
			return true
		}
		err = x.UnmarshalText([]byte(text))
	case json.Unmarshaler:
		if v.Kind() == reflect.Struct && len(membersOf(v.Type())) > 0 {
			return false
		}
		text, ok := textOf(n)
		if !ok {
			d.refuse(n.GetToken(), path, "%s is neither a text nor a number", kindOf(n))
			return true
		}
		var quoted []byte
		if quoted, err = json.Marshal(text); err == nil {
			err = x.UnmarshalJSON(quoted)
		}
	default:
		return false
	}
	if err != nil {
		d.refuse(n.GetToken(), path, "%v", err)
	}
	return true
}

// mapping reads the keys of a struct, or of a section of one.
func (d *decoder) mapping(n ast.Node, path string, v reflect.Value, members []member) {
	d.entries(n, path, func(key string, at *token.Token, value ast.Node) {
		inner := join(path, key)
		for _, m := range members {
			if m.key != key {
				continue
			}
			d.note(at, inner)
			d.s.written[inner] = value.Type() != ast.NullType
			if m.section != nil {
				d.mapping(value, inner, v, m.section)
				return
			}
			if t := value.GetToken(); value.Type() != ast.MappingType && value.Type() != ast.SequenceType {
				d.note(t, inner)
			}
			d.decode(value, inner, v.FieldByIndex(m.index))
			return
		}
		hint := ""
		if c := closest(key, members); c != "" {
			hint = fmt.Sprintf(": did you mean %q?", c)
		}
		where := "the scenario"
		if path != "" {
			where = path
		}
		d.refuse(at, join(path, engine.Shortened(key)), "is not a key of %s%s", where, hint)
	})
}

// table reads a mapping with keys of the writer's choice.
func (d *decoder) table(n ast.Node, path string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.entries(n, path, func(key string, at *token.Token, value ast.Node) {
		inner := path + "[" + strconv.Quote(key) + "]"
		d.note(at, inner)
		element := reflect.New(v.Type().Elem()).Elem()
		if x, ok := element.Addr().Interface().(defaulted); ok {
			x.setDefaults()
		}
		d.decode(value, inner, element)
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), element)
	})
}

// entries goes through a mapping.
func (d *decoder) entries(n ast.Node, path string, each func(key string, at *token.Token, value ast.Node)) {
	if n == nil || n.Type() == ast.NullType {
		return
	}
	m, ok := n.(ast.MapNode)
	if !ok {
		d.refuse(n.GetToken(), path, "%s is not a mapping of keys to values", kindOf(n))
		return
	}
	for it := m.MapRange(); it.Next(); {
		key, ok := textOf(it.Key())
		if !ok {
			d.refuse(it.Key().GetToken(), path, "has a key that is not a text")
			continue
		}
		each(key, it.Key().GetToken(), it.Value())
	}
}

func (d *decoder) list(n ast.Node, path string, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.refuse(n.GetToken(), path, "%s is not a list", kindOf(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, e := range seq.Values {
		inner := path + "[" + strconv.Itoa(i) + "]"
		if e == nil || e.Type() == ast.NullType {
			d.refuse(n.GetToken(), inner, "is empty")
			continue
		}
		d.note(e.GetToken(), inner)
		d.decode(e, inner, out.Index(i))
	}
	v.Set(out)
}

// faultOfText is what is wrong with a text; "": nothing is. A description may be long.
func faultOfText(path, text string) string {
	switch {
	case strings.ContainsFunc(text, invisible):
		return shown(text) + " has characters that cannot be seen"
	case path != "description" && (strings.Contains(text, "\n") || len(text) > longestText):
		return fmt.Sprintf("%s is not a text of one line and at most %d characters", shown(text), longestText)
	default:
		return ""
	}
}

func (d *decoder) scalar(n ast.Node, path string, v reflect.Value) {
	refuse := func(want string) { d.refuse(n.GetToken(), path, "%s is not %s", kindOf(n), want) }
	text, isText := textOf(n)
	switch v.Kind() {
	case reflect.String:
		if !isText {
			refuse("a text")
			return
		}
		if fault := faultOfText(path, text); fault != "" {
			d.refuse(n.GetToken(), path, "%s", fault)
			return
		}
		v.SetString(text)
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			refuse("true or false")
			return
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Int64:
		i, ok := wholeOf(n)
		if !ok || v.OverflowInt(i) {
			refuse("a whole number")
			return
		}
		v.SetInt(i)
	case reflect.Float64:
		f, ok := numberOf(n)
		if !ok {
			refuse("a number")
			return
		}
		v.SetFloat(f)
	default:
		d.refuse(n.GetToken(), path, "cannot be given in a scenario")
	}
}

// longestText bounds texts, but for the description: the longest is a version.
const longestText = 512

// textOf is a scalar as it was written; a version like 1.10 need not be quoted.
func textOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode:
		return n.Token.Value, true
	case *ast.FloatNode:
		return n.Token.Value, true
	}
	return "", false
}

// kindOf is what n is, as written where that is short.
func kindOf(n ast.Node) string {
	switch n.(type) {
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode:
		return shown(n.GetToken().Value)
	case *ast.LiteralNode:
		return "a text of several lines"
	}
	return engine.Shortened(n.GetToken().Value)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
