package config

import (
	"reflect"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// Schema is the JSON schema of configurations: what editors complete and check. comment is
// what is said about a field of a Go type.
func Schema(comment func(t reflect.Type, field string) string) ([]byte, error) {
	usual := new(Config)
	usual.SetDefaults()
	text := map[string]any{"type": "string"}
	return form.Schema(usual, yamlfile.Describer{
		Title:       "hotswap server",
		Description: "The configuration of a server of rollouts: where it listens, which fleets it has, who may come.",
		Required:    []string{"environments"},
		Comment:     comment,
		Enums: map[reflect.Type]func() []string{
			reflect.TypeFor[Keeper]():      func() []string { return texts(keepers) },
			reflect.TypeFor[Level]():       func() []string { return texts(levels) },
			reflect.TypeFor[Format]():      func() []string { return texts(formats) },
			reflect.TypeFor[access.Role](): func() []string { return texts(access.Roles()) },
		},
		Special: map[reflect.Type]map[string]any{
			reflect.TypeFor[Path]():               text,
			reflect.TypeFor[Variable]():           text,
			reflect.TypeFor[Instant]():            {"type": "string", "examples": []string{"2027-06-30", "2027-06-30T12:00:00Z"}},
			reflect.TypeFor[engine.Environment](): {"type": "string", "examples": texts(engine.Environments())},
			reflect.TypeFor[yamlfile.Raw]():       {"type": "array"},
		},
		Member: func(m yamlfile.Member) map[string]any {
			switch m.Key {
			case "kind":
				return map[string]any{"type": "string", "enum": texts(engine.Environments())}
			case "anonymous":
				return map[string]any{"type": "string", "enum": []string{string(access.Read)}}
			}
			return nil
		},
	})
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
