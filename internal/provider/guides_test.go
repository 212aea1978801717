package provider

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

const (
	guides         = "../../templates/guides"
	scenarioSchema = "../../docs/scenario.schema.json"
)

// TestScenarioGuide holds the guide to the scenarios: it explains every key, names
// every kind of fault and every file, and its own scenario comes out as it says.
func TestScenarioGuide(t *testing.T) {
	guide := readExample(t, filepath.Join(guides, "write-scenarios.md.tmpl"))
	var schema any
	if err := json.Unmarshal([]byte(readExample(t, scenarioSchema)), &schema); err != nil {
		t.Fatal(err)
	}
	for _, key := range keysOf(schema) {
		if !strings.Contains(guide, "`"+key+"`") {
			t.Errorf("the guide does not explain %s", key)
		}
	}
	for _, kind := range simulator.FaultKinds() {
		if !strings.Contains(guide, "| `"+string(kind)+"` |") {
			t.Errorf("the guide does not explain the fault %s", kind)
		}
	}
	files, err := filepath.Glob(filepath.Join(examples, "scenarios", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "swarm-") { // they come and go, and are listed as one
			name = "swarm-*.yaml"
		}
		if !strings.Contains(guide, "| `"+name+"` |") {
			t.Errorf("the guide does not list %s", name)
		}
	}
	text, _, _ := strings.Cut(strings.SplitN(guide, "```yaml\n", 2)[1], "```")
	s, err := scenario.Parse("guide.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range int64(5) {
		r, err := scenario.Run(t.Context(), s, seed, scenario.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if failures := r.Failures(); len(failures) > 0 {
			t.Errorf("seed %d: %v", seed, failures)
		}
	}
}

// keysOf are the keys that a schema knows, apart from those of the deployment, which
// are the resource's.
func keysOf(schema any) (keys []string) {
	switch schema := schema.(type) {
	case map[string]any:
		for key, v := range schema {
			if properties, ok := v.(map[string]any); ok && key == "properties" {
				for property := range properties {
					keys = append(keys, property)
				}
			}
			if key != "deployment" {
				keys = append(keys, keysOf(v)...)
			}
		}
	case []any:
		for _, v := range schema {
			keys = append(keys, keysOf(v)...)
		}
	}
	return keys
}

// TestFleetGuide holds the guide to the capabilities: it names every one.
func TestFleetGuide(t *testing.T) {
	guide := readExample(t, filepath.Join(guides, "fleets.md.tmpl"))
	for _, what := range engine.AllCapabilities() {
		if !strings.Contains(guide, "`"+string(what)+"`") {
			t.Errorf("the guide does not explain the capability %s", what)
		}
	}
}

// TestGuidesKnowTheirLinks: pages and attributes of the guides are there.
func TestGuidesKnowTheirLinks(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(guides, "*.tmpl"))
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		for _, part := range strings.Split(readExample(t, file), "](")[1:] {
			link, _, _ := strings.Cut(part, ")")
			link, _, _ = strings.Cut(link, "#")
			if strings.HasPrefix(link, "https://") || link == "" {
				continue
			}
			if _, err := os.Stat(filepath.Join("../../docs/guides", link)); err != nil {
				t.Errorf("%s: there is no %s", filepath.Base(file), link)
			}
		}
	}
}
