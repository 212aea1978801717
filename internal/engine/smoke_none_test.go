package engine

import (
	"encoding/json"
	"slices"
	"testing"
)

// TestNoSmokeTests: an empty list of smoke tests is none, and a list that is not given
// is the usual one, also after a journey through JSON.
func TestNoSmokeTests(t *testing.T) {
	for _, c := range []struct {
		tests []string
		want  []string
	}{{nil, []string{"health"}}, {[]string{}, nil}, {[]string{"checkout"}, []string{"checkout"}}} {
		spec := Spec{
			PluginID: "p", Environment: Production, Version: "2", Strategy: BlueGreen,
			BlueGreen: &BlueGreenSettings{SmokeTests: c.tests},
		}
		data, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeSpec(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []Spec{spec, back} {
			if got := s.Resolve().BlueGreen.SmokeTests; !slices.Equal(got, c.want) {
				t.Errorf("%v, %s: the tests are %v", c.tests, data, got)
			}
		}
	}
}
