package engine_test

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// served is a fleet in slot blue of instances a, b, c, …, each on its version.
func served(versions ...string) engine.Snapshot {
	s := engine.Snapshot{
		Head:    engine.Head{Environment: engine.Production, Plugin: "stripe", Routes: []engine.Route{{Slot: "blue", Percent: 100}}},
		Tenants: []engine.Tenant{{ID: "t1", Weight: 1}, {ID: "t2", Weight: 1}},
	}
	for i, v := range versions {
		in := engine.Instance{ID: string(rune('a' + i)), Slot: "blue", Default: v, Ready: true}
		if v != "" {
			in.Installed = []string{v}
		}
		s.Instances = append(s.Instances, in)
	}
	return s
}

func compiled(t *testing.T, version string, fleet engine.Snapshot) engine.Plan {
	t.Helper()
	p, err := engine.Compile("r1", engine.Spec{PluginID: "stripe", Environment: engine.Production, Version: version, Strategy: engine.Direct}, fleet)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRestore is what each instance is brought back to: what it ran itself before the rollout.
func TestRestore(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after []string
		version       string
		want          map[string]string // of those that are touched
	}{
		{"each its own", []string{"1.5", "1.4", "1.5"}, []string{"1.6", "1.6", "1.6"}, "1.6", map[string]string{"a": "1.5", "b": "1.4", "c": "1.5"}},
		{"never touched", []string{"1.5", "1.6", "1.5"}, []string{"1.6", "1.6", "1.6"}, "1.6", map[string]string{"a": "1.5", "c": "1.5"}},
		{"never touched, and drifted since", []string{"1.5", "1.6", "1.5"}, []string{"1.6", "1.3", "1.6"}, "1.6", map[string]string{"a": "1.5", "b": "1.6", "c": "1.5"}},
		{"joined later", []string{"1.5", "1.5"}, []string{"1.6", "1.6", "1.6"}, "1.6", map[string]string{"a": "1.5", "b": "1.5", "c": "1.5"}},
		{"first deployment", []string{"", ""}, []string{"1.6", "1.6"}, "1.6", map[string]string{"a": "", "b": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			last := compiled(t, c.version, served(c.before...))
			back, err := engine.CompileRestore("r2", last, served(c.after...))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, s := range back.Stages {
				for _, change := range s.Changes {
					for _, i := range back.Instances[change.Instances.From:change.Instances.To] {
						if got[i.ID] = change.Version; change.Kind == engine.Remove {
							got[i.ID] = ""
						}
					}
				}
			}
			for _, i := range served(c.after...).Instances {
				v, touched := got[i.ID]
				if w, want := c.want[i.ID]; v != w || touched != want {
					t.Errorf("%s: %q, %t; want %q, %t", i.ID, v, touched, w, want)
				}
			}
		})
	}
}

// TestRestoreToTheOldSlot: traffic goes back in one switch where the old slot stands as it was,
// with an instance that ran the candidate before too.
func TestRestoreToTheOldSlot(t *testing.T) {
	fleet := served("1.5", "1.6", "1.5")
	fleet.Spare = 3
	last, err := engine.Compile("r1", engine.Spec{PluginID: "stripe", Environment: engine.Production, Version: "1.6", Strategy: engine.BlueGreen}, fleet)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		fleet.Instances = append(fleet.Instances, engine.Instance{
			ID: "n" + string(rune('0'+len(fleet.Instances))), Slot: last.NewSlot, Installed: []string{"1.6"}, Default: "1.6", Ready: true,
		})
	}
	fleet.Routes = []engine.Route{{Slot: "blue", Percent: 0}, {Slot: last.NewSlot, Percent: 100}}
	back, err := engine.CompileRestore("r2", last, fleet)
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Stages) != 2 || back.NewSlot != "blue" {
		t.Errorf("back to slot %q in %d stages", back.NewSlot, len(back.Stages))
	}
}

// TestRestoreOfARepair is refused: it brought no version there.
func TestRestoreOfARepair(t *testing.T) {
	last := compiled(t, "1.6", served("1.6", "1.5", "1.6"))
	if !last.Repairs() {
		t.Error("it is no repair")
	}
	if back, err := engine.CompileRestore("r2", last, served("1.6", "1.6", "1.6")); err == nil {
		t.Errorf("no error, and %d stages", len(back.Stages))
	}
}
