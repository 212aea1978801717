package contract

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestFleet has a head survive the way there and back, with what is not known.
func TestFleet(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for _, h := range []engine.Head{
		{
			Environment: "eu", Plugin: "p", At: at, Spare: 0, RequestsPerSecond: 12.5, ProbeInterval: 1500 * time.Millisecond, KeepsServing: true,
			Routes: []engine.Route{{Slot: "blue", Percent: 100}}, Versions: []engine.VersionCount{{Slot: "blue", Version: "1", Instances: 3, Ready: 2}},
			Capabilities: engine.Capabilities{LatencyBounds: []float64{1, 2.5}, Resolution: 15 * time.Second, Delay: 20 * time.Second, Lacks: []engine.Capability{engine.CanSlots, engine.CanDeaths}},
		},
		{Environment: "eu", Plugin: "p", At: at, Spare: -1, Routes: []engine.Route{}, Versions: []engine.VersionCount{}},
	} {
		text, err := json.Marshal(FleetOf(&h))
		if err != nil {
			t.Fatal(err)
		}
		var f Fleet
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		if got := f.Head(); !reflect.DeepEqual(got, h) {
			t.Errorf("%s\ngot  %+v\nwant %+v", text, got, h)
		}
	}
	var f Fleet
	if err := json.Unmarshal([]byte(`{"capabilities": {"can": ["journal", "teleport"], "new": 1}, "newer": {}}`), &f); err != nil {
		t.Fatal(err)
	}
	if h := f.Head(); !h.Capabilities.Can(engine.CanJournal) || h.Capabilities.Can(engine.CanTraffic) || h.Spare != -1 {
		t.Errorf("what a newer fleet says became %+v", h)
	}
}

// TestTargets has a list survive, and refuses what is none.
func TestTargets(t *testing.T) {
	want := engine.Targets{
		Instances: []engine.PlanInstance{{ID: "i<1>", Default: "1", Installed: []string{"1", "2"}, Ready: true}, {ID: "i2"}},
		Tenants:   []engine.Tenant{{ID: "t1", Weight: 0.1, Pin: "1", PriorRequests: 7, PriorErrors: 1}, {ID: "t2"}},
	}
	list := EncodeTargets(want)
	got, err := DecodeTargets(list, 4)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
	if got, err = DecodeTargets(list[:len(list)-1], 4); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("without the last line break: %v, %+v", err, got)
	}
	for _, c := range []struct{ list, want string }{
		{string(list) + `{"tenant": "t3"}`, "line 5: there are more than 4 targets"},
		{"{}\n", "line 1: is neither an instance nor a tenant, or both"},
		{`{"instance": "a", "tenant": "b"}`, "or both"},
		{"{\"tenant\": \"b\"}\n{\"instance\": \"a\"}", `line 2: instance "a" stands after a tenant`},
		{"{\"tenant\": \"" + strings.Repeat("x", 1001) + "\"}", "a name of 1001 bytes is longer than 1000"},
		{"\n", "line 1:"},
		{"[", "line 1:"},
	} {
		if _, err := DecodeTargets([]byte(c.list), 4); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %q", c.list, err, c.want)
		}
	}
}

// TestWants has every want survive.
func TestWants(t *testing.T) {
	for w := range engine.Want(1 << 7) {
		if got := Want(append(WantsOf(w), "of a newer client")); got != w {
			t.Errorf("%b became %b", w, got)
		}
	}
	if engine.WantByTenant != 1<<6 {
		t.Error("there are more wants than words")
	}
}

// TestMeasurement reads leniently what a newer fleet says more.
func TestMeasurement(t *testing.T) {
	var a Answer
	if err := json.Unmarshal([]byte(`{"candidate": {"requests": 5, "new": 1}, "baseline": {"requests": 7, "perTenant": [{"tenant": "t", "requests": 7, "new": 2}]}}`), &a); err != nil {
		t.Fatal(err)
	}
	if m := engine.Measurement(a.Baseline); a.Candidate.Requests != 5 || m.PerTenant[0].Requests != 7 {
		t.Errorf("%+v", a)
	}
}

// TestSpeaks compares contracts by their first number.
func TestSpeaks(t *testing.T) {
	for _, c := range []struct {
		contract      string
		speaks, newer bool
	}{{"1.0", true, false}, {"1.7", true, false}, {"2.0", false, true}, {"0.9", false, false}, {"", false, false}, {"12", false, true}} {
		s := Service{Contract: c.contract}
		if s.Speaks() != c.speaks || s.Newer() != c.newer {
			t.Errorf("%q: speaks %v, newer %v", c.contract, s.Speaks(), s.Newer())
		}
	}
}
