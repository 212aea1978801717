package config

import (
	"errors"
	"path/filepath"
	"reflect"
	"strconv"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// Problem is one thing that is wrong with a configuration, or a warning.
type Problem = yamlfile.Problem

// Problems are all the things that are wrong, in the order of the file.
type Problems = yamlfile.Problems

// form is that of configurations. A text of one may be a secret in the wrong place.
var form = yamlfile.Form{
	What: "configuration", Members: yamlfile.Tagged, Discreet: true, Dotted: true,
	Stranger: "is not a configuration of a server: it has none of the keys that one begins with (listen, tls, state, store, server, " +
		"environments, access, notifications, log)",
}

// errNoInstant is said of a text that is no time; the text itself is not.
var errNoInstant = errors.New("is neither a day like 2027-06-30 nor a time like 2027-06-30T12:00:00Z")

// Read reads a configuration. name is that of its file: relative paths in it are read from
// there. The error is Problems, all that is wrong. Files that it names are not read, see
// [Config.Here].
func Read(name string, text []byte) (*Config, error) {
	c := new(Config)
	c.SetDefaults()
	file, ps := form.Read(name, yamlfile.Unmarked(text), c)
	c.file, c.folder = file, filepath.Dir(name)
	if len(ps) > 0 {
		return nil, ps.Sorted()
	}
	if !filepath.IsAbs(c.State) && c.State != "" {
		c.State = filepath.Join(filepath.Dir(name), c.State)
	}
	walk(reflect.ValueOf(c).Elem(), "", func(_ string, v reflect.Value) {
		if p, ok := v.Interface().(Path); ok && p != "" && !filepath.IsAbs(string(p)) {
			v.SetString(filepath.Join(filepath.Dir(name), string(p)))
		}
	})
	if err := c.problems().Sorted(); err != nil {
		return nil, err
	}
	return c, nil
}

// Folder is that of the file: relative paths are read from there.
func (c *Config) Folder() string { return c.folder }

// Raw reads a part that was left raw, with the positions of its problems.
func (c *Config) Raw(raw yamlfile.Raw, into any) error {
	return form.Decode(c.file, raw, into).Sorted()
}

// Problem is what is wrong at a path, as in notifications[0].url.
func (c *Config) Problem(path, message string) Problem { return c.file.Problem(path, message) }

// walk goes through all that is set below v, with the paths of the file. What is in a mapping
// with keys of the writer's choice is put back, so that it can be changed.
func walk(v reflect.Value, path string, each func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), path, each)
		}
	case reflect.Struct:
		for _, m := range yamlfile.Tagged(v.Type()) {
			inner := m.Key
			if path != "" {
				inner = path + "." + m.Key
			}
			if m.Kind != reflect.TypeFor[yamlfile.Raw]() {
				walk(v.FieldByIndex(m.Index), inner, each)
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			element := reflect.New(v.Type().Elem()).Elem()
			element.Set(v.MapIndex(key))
			walk(element, form.Keyed(path, key.String()), each)
			v.SetMapIndex(key, element)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), path+"["+strconv.Itoa(i)+"]", each)
		}
	default:
		each(path, v)
	}
}
