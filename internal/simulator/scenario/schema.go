package scenario

import (
	"reflect"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// Comment is what is said about a field of a Go type; "": nothing.
type Comment func(t reflect.Type, field string) string

// Schema is the JSON schema of scenarios: what editors complete and check. It is
// made of the same types that [Parse] reads into.
func Schema(comment Comment) ([]byte, error) {
	return form.Schema(New(), yamlfile.Describer{
		Title:       "hotswap scenario",
		Description: "A rollout on a simulated fleet: who is there, what is rolled out, what goes wrong, what is expected.",
		Required:    []string{"deployment"},
		Comment:     comment, Sections: sectionWords, Enums: enums,
		Special: map[reflect.Type]map[string]any{
			reflect.TypeFor[engine.BatchSize](): {"anyOf": []any{
				map[string]any{"type": "integer", "minimum": 1},
				map[string]any{"type": "string", "pattern": "^[0-9]+%?$"},
			}},
		},
		Member: func(m member) map[string]any {
			if m.Key == "environment" { // any name, beside the four that are kinds
				return map[string]any{"type": "string", "examples": texts(engine.Environments())}
			}
			return nil
		},
	})
}

// sectionWords describe the sections of a world.
var sectionWords = map[string]string{
	"fleet":   "the instances, and how long things take on them",
	"tenants": "who sends the requests",
	"traffic": "how many requests they send",
	"metrics": "what the numbers are like that the engine is told about the traffic",
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
