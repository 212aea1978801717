package yamlfile

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// decoder reads a tree of YAML into Go values. It is strict, and goes on after a
// problem, to find them all.
type decoder struct {
	Form
	file     *File
	problems Problems
}

// Defaulted is a type whose zero is not its default.
type Defaulted interface{ SetDefaults() }

func (d *decoder) refuse(t *token.Token, path, format string, args ...any) {
	p := d.file.Problem(path, fmt.Sprintf(format, args...))
	if t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	d.problems = append(d.problems, p)
}

// note remembers where a value is.
func (d *decoder) note(t *token.Token, path string) {
	if t != nil && t.Position != nil {
		d.file.Places[path] = Place{t.Position.Line, t.Position.Column}
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
		if x, ok := v.Addr().Interface().(Defaulted); ok {
			x.SetDefaults()
		}
		if x, ok := v.Addr().Interface().(*Raw); ok {
			*x = Raw{Node: n, Path: path}
			return
		}
		if d.spoken(n, path, v) {
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, path, v, d.Members(v.Type()))
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
			d.refuse(n.GetToken(), path, "%s is not a text", d.kindOf(n))
			return true
		}
		err = x.UnmarshalText([]byte(text))
	case json.Unmarshaler:
		if v.Kind() == reflect.Struct && len(d.Members(v.Type())) > 0 {
			return false
		}
		text, ok := textOf(n)
		if !ok {
			d.refuse(n.GetToken(), path, "%s is neither a text nor a number", d.kindOf(n))
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
func (d *decoder) mapping(n ast.Node, path string, v reflect.Value, members []Member) {
	d.entries(n, path, func(key string, at *token.Token, value ast.Node) {
		inner := join(path, key)
		for _, m := range members {
			if m.Key != key {
				continue
			}
			d.note(at, inner)
			d.file.Written[inner] = value.Type() != ast.NullType
			if m.Section != nil {
				d.mapping(value, inner, v, m.Section)
				return
			}
			if t := value.GetToken(); value.Type() != ast.MappingType && value.Type() != ast.SequenceType {
				d.note(t, inner)
			}
			d.decode(value, inner, v.FieldByIndex(m.Index))
			return
		}
		hint := ""
		if c := closest(key, members); c != "" {
			hint = fmt.Sprintf(": did you mean %q?", c)
		}
		where := "the " + d.What
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
		inner := d.Keyed(path, key)
		d.note(at, inner)
		element := reflect.New(v.Type().Elem()).Elem()
		if x, ok := element.Addr().Interface().(Defaulted); ok {
			x.SetDefaults()
		}
		d.decode(value, inner, element)
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), element)
	})
}

// plainKey are keys that need no quotes in a path.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// entries goes through a mapping.
func (d *decoder) entries(n ast.Node, path string, each func(key string, at *token.Token, value ast.Node)) {
	if n == nil || n.Type() == ast.NullType {
		return
	}
	m, ok := n.(ast.MapNode)
	if !ok {
		d.refuse(n.GetToken(), path, "%s is not a mapping of keys to values", d.kindOf(n))
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
		d.refuse(n.GetToken(), path, "%s is not a list", d.kindOf(n))
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

func (d *decoder) scalar(n ast.Node, path string, v reflect.Value) {
	refuse := func(want string) { d.refuse(n.GetToken(), path, "%s is not %s", d.kindOf(n), want) }
	text, isText := textOf(n)
	switch v.Kind() {
	case reflect.String:
		if !isText {
			refuse("a text")
			return
		}
		if fault := d.faultOfText(path, text); fault != "" {
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
		d.refuse(n.GetToken(), path, "cannot be given in a %s", d.What)
	}
}
