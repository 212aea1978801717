package yamlfile

import (
	"reflect"
	"strconv"
	"strings"
)

// Tagged lists the keys of a struct by the yaml tags of its fields, those of embedded ones
// among them.
func Tagged(t reflect.Type) []Member { return tagged(t, "yaml") }

// TaggedJSON is Tagged by the json tags, for what is read as YAML and told as JSON.
func TaggedJSON(t reflect.Type) []Member { return tagged(t, "json") }

func tagged(t reflect.Type, by string) []Member {
	var members []Member
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get(by), ",")
		switch {
		case f.Anonymous:
			for _, m := range tagged(f.Type, by) {
				m.Index = append([]int{i}, m.Index...)
				members = append(members, m)
			}
		case tag != "" && tag != "-":
			members = append(members, Member{Key: tag, Index: []int{i}, Kind: f.Type, Owner: t, Field: f.Name})
		}
	}
	return members
}

// Keyed is the path of a key of the writer's choice.
func (f Form) Keyed(path, key string) string {
	if f.Dotted && plainKey.MatchString(key) {
		return join(path, key)
	}
	return path + "[" + strconv.Quote(key) + "]"
}
