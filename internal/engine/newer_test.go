package engine_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestDecodePlan reads plans as they were written, as somebody changed them, and as later
// versions write them.
func TestDecodePlan(t *testing.T) {
	plan := enginetest.Plan(t, "r1", engine.QA, "gateway")
	text := engine.EncodePlan(&plan)
	with := func(old, new string) []byte { return bytes.Replace(text, []byte(old), []byte(new), 1) }
	for _, c := range []struct {
		name  string
		text  []byte
		seal  bool // the digest is that of text
		want  string
		newer bool
	}{
		{"as it was written", text, false, "", false},
		{"changed", with(`"1.6.0"`, `"1.6.1"`), false, "was changed after it was compiled", false},
		{"the same in other bytes", with(`{"format"`, `{ "format"`), false, "was changed after it was compiled", false},
		{"of a later format", with(`{"format":3`, `{"format":4`), false, "the plan of r1 has format 4, and this version reads up to 3", true},
		{"with a field more", with(`{"format"`, `{"weather":"fair","format"`), true, `the plan of r1 has a field "weather" that this version does not know`, true},
		{"of a later format, and made otherwise", []byte(`{"format":4,"rollout":["r1"],"stages":7}`), false, "has format 4", true},
		{"no plan", []byte("7"), false, "is not one", false},
		{"another thing", []byte(`{"format":3,"rollout":"r1","stages":7}`), true, "the plan of r1 is not one", false},
	} {
		digest := plan.Digest
		if c.seal {
			digest = engine.DigestOf(c.text, plan.Instances, plan.Tenants)
		}
		got, err := engine.DecodePlan(c.text, digest, plan.Instances, plan.Tenants)
		if c.want == "" {
			if err != nil || got.Digest != plan.Digest || len(got.Tenants) != len(plan.Tenants) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, new(*engine.NewerError)) != c.newer {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestDecodeEvent reads events of this version and of later ones.
func TestDecodeEvent(t *testing.T) {
	for text, want := range map[string]string{
		`{"seq":7,"at":"2025-01-01T00:00:00Z","kind":"began","stage":1}`: "",
		`{"seq":7,"kind":"began","x":1}`:                                 `event 7 has a field "x" that this version does not know: it was written by a newer version of this program`,
		`{"kind":"judged","verdict":{"sigma":5},"seq":7}`:                `event 7 has a field "sigma" that this version does not know: it was written by a newer version of this program`,
		`{"x":1,"kind":"paraded","seq":7}`:                               `event 7 is of a kind "paraded" that this version does not know: it was written by a newer version of this program`,
		`{"stage":"ten","kind":"paraded","seq":7}`:                       `event 7 is of a kind "paraded" that this version does not know: it was written by a newer version of this program`,
		`{"seq":7}`:                                  "event 7 has no kind",
		`{"seq":7,"kind":"began","stage":"ten"}`:     "json: cannot unmarshal string into Go struct field Event.stage of type int",
		`{"seq":7,"kind":"began","x":1,"stage":"1"}`: "json: cannot unmarshal string into Go struct field Event.stage of type int",
		`7`: "json: cannot unmarshal number into Go value of type engine.Event",
	} {
		e, err := engine.DecodeEvent([]byte(text))
		if want == "" && (err != nil || e.Seq != 7 || e.Kind != engine.Began) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
