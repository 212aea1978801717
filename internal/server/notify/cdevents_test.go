package notify

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

func TestCDEvents(t *testing.T) {
	good := []engine.Event{begins, passes, promotes, begins, passes, surveys, over}
	bad := []engine.Event{begins, passes, promotes, begins, fails, back}
	with := func(edit func(*engine.Plan)) engine.Plan {
		p := planned("r1", "stripe")
		edit(&p)
		return p
	}
	const service, ours = "dev.cdevents.service.", "dev.cdeventsx.hotswap-rollout."
	for _, tc := range []struct {
		name     string
		plan     engine.Plan
		events   []engine.Event
		types    []string
		artifact string // of the last one
	}{
		{"another version", planned("r1", "stripe"), good, []string{ours + "held.0.1.0", ours + "decided.0.1.0", service + "upgraded.0.2.0"}, "pkg:generic/stripe@1.6.0"},
		{"rolled back", planned("r1", "stripe"), bad, []string{ours + "held.0.1.0", ours + "decided.0.1.0", service + "rolledback.0.2.0"}, "pkg:generic/stripe@1.5.0"},
		{"the first version", with(func(p *engine.Plan) { p.Baseline = "" }), good, []string{ours + "held.0.1.0", ours + "decided.0.1.0", service + "deployed.0.2.0"}, "pkg:generic/stripe@1.6.0"},
		{"the first version, rolled back", with(func(p *engine.Plan) { p.Baseline = "" }), bad, []string{ours + "held.0.1.0", ours + "decided.0.1.0", ours + "rolledback.0.1.0"}, "pkg:generic/stripe@1.6.0"},
		{"removed", with(func(p *engine.Plan) { p.Candidate = "" }), good, []string{ours + "held.0.1.0", ours + "decided.0.1.0", service + "removed.0.2.0"}, ""},
		{"a version with a sign", with(func(p *engine.Plan) { p.Candidate = "1.6.0+build.7" }), good, []string{ours + "held.0.1.0", ours + "decided.0.1.0", service + "upgraded.0.2.0"}, "pkg:generic/stripe@1.6.0%2Bbuild.7"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, v := newMemory(), receive(t, nil)
			m.happens(t, tc.plan, tc.events...)
			run(t, m, &clock{}, Sink{Name: "cd", Kind: CDEvents, URL: v.URL, AllowPrivateAddresses: true})
			eventually(t, "all told", m.idle)
			var types []string
			var last cloudEvent
			for _, g := range v.all() {
				last = cloudEvent{}
				if err := json.Unmarshal(g.body, &last); err != nil {
					t.Fatal(err)
				}
				types = append(types, last.Type)
				if g.header.Get("Content-Type") != "application/cloudevents+json" || g.header.Get("webhook-signature") != "" {
					t.Errorf("got %v", g.header)
				}
				if d := last.Data; last.SpecVersion != "1.0" || last.ID != d.Context.ID || last.Type != d.Context.Type || last.Source != d.Context.Source || last.Subject != d.Subject.ID ||
					last.DataContentType != "application/json" || d.Context.Version != "0.4.1" || !last.Time.Equal(d.Context.Timestamp) ||
					d.Subject.Content.Environment.ID != "Production" || d.CustomData.Rollout.Rollout != "r1" {
					t.Errorf("got %s", g.body)
				}
			}
			if !slices.Equal(types, tc.types) || last.Data.Subject.Content.ArtifactID != tc.artifact {
				t.Errorf("want %v and %s, got %v and %s", tc.types, tc.artifact, types, last.Data.Subject.Content.ArtifactID)
			}
		})
	}
}
