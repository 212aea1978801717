package provider

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

func TestDurationsAreEqualInAnySpelling(t *testing.T) {
	value := func(s string) durationValue { return durationValue{basetypes.NewStringValue(s)} }
	for _, same := range [][2]string{{"PT10M", "10m"}, {"PT1H30M", "90m"}, {"P1D", "24h"}, {"PT0.5S", "500ms"}, {"P1W", "PT168H"}} {
		if ok, _ := value(same[0]).StringSemanticEquals(context.Background(), value(same[1])); !ok {
			t.Errorf("%s is not %s", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"PT10M", "10s"}, {"PT10M", "soon"}, {"soon", "soon"}} {
		if ok, _ := value(other[0]).StringSemanticEquals(context.Background(), value(other[1])); ok {
			t.Errorf("%s is %s", other[0], other[1])
		}
	}
}

func TestSentence(t *testing.T) {
	for s, want := range map[string]string{
		"":                           "",
		"the fleet is empty":         "The fleet is empty.",
		"evaluation_period: is bad":  "evaluation_period: is bad.",
		"simulated.instances: is 20": "simulated.instances: is 20.",
		"canary: is not of Rolling":  "canary: is not of Rolling.",
		"Done.":                      "Done.",
		"änderung":                   "Änderung.",
	} {
		if got := sentence(s); got != want {
			t.Errorf("sentence(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestAttributePath(t *testing.T) {
	for s, want := range map[string]path.Path{
		"canary.stages[2]":             path.Root("canary").AtName("stages").AtListIndex(2),
		"canary.thresholds.max_cpu":    path.Root("canary").AtName("thresholds").AtName("max_cpu"),
		`versions["1.6.0"].error_rate`: path.Root("versions").AtMapKey("1.6.0").AtName("error_rate"),
		`installed["a.b[0]"]`:          path.Root("installed").AtMapKey("a.b[0]"),
	} {
		if got := attributePath(path.Empty(), s); !got.Equal(want) {
			t.Errorf("%s is read as %s", s, got)
		}
	}
}

func FuzzAttributePath(f *testing.F) {
	for _, s := range []string{"canary.stages[2]", `a["x.y"].b`, `a["x`, "a[", "a[]]", "..", `["`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := attributePath(path.Empty(), s); len(got.Steps()) > len(s)+1 {
			t.Errorf("%q is read as %s", s, got)
		}
		_ = sentence(lastWord(s))
	})
}

func FuzzRecall(f *testing.F) {
	f.Add([]byte(`{"format":1,"completed":"stripe-production-1","seen":"1.6.0 after stripe-production-1"}`))
	f.Add([]byte(`{"format":2}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, diags := recall(context.Background(), keptBytes(data))
		if !diags.HasError() && len(data) > 0 && m.Format > privateFormat {
			t.Errorf("a newer format was read: %s", data)
		}
	})
}

// TestStatePathVariable: the folder may come from the environment.
func TestAccStatePathVariable(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	fleet := filepath.Join(t.TempDir(), "elsewhere")
	tf.env = append(tf.env, statePathVariable+"="+fleet)
	tf.set("1.6.0", "")
	tf.good(tf.apply())
	if exists(tf, ".hotswap") || !exists(&terraform{dir: fleet}, "Production") {
		t.Error("the fleet is not where the variable says")
	}
	tf.quiet()
	if r := tf.run("plan", "-no-color", "-refresh-only"); !strings.Contains(r.output, "No changes") {
		t.Error(r.output)
	}
}
