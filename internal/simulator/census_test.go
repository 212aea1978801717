package simulator

import (
	"runtime"
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// What the census says is what one finds who asks each instance, after every change of
// random worlds with all kinds of faults.
func TestCensusAgrees(t *testing.T) {
	asked := 0
	for seed := range uint64(500) {
		cfg, spec, _ := scenario(seed + 1)
		cfg.Metrics.Coverage = []float64{1, 0.7, 0}[seed%3]
		w, err := NewWorld(cfg, spec.Environment, spec.PluginID)
		if err != nil {
			t.Fatal(err)
		}
		before, err := engine.ReadSnapshot(t.Context(), w)
		if err != nil {
			continue
		}
		if _, err := engine.Compile("r", spec, before); err != nil {
			continue
		}
		r := beginIn(t, w, engine.NewMemoryJournals(), spec)
		hook := w.hook
		w.hook = func() {
			hook()
			asked++
			agrees(t, w, &r.plan)
		}
		if r.drive(); t.Failed() {
			t.Fatalf("in the world of seed %d", seed+1)
		}
	}
	if asked < 5000 {
		t.Errorf("only %d changes were looked at", asked)
	}
}

// agrees compares the census of w with its instances.
func agrees(t *testing.T, w *World, plan *engine.Plan) {
	t.Helper()
	slots := map[string][]*instance{}
	serving, routed, others := 0, 0, 0
	restless := w.restless()
	for _, in := range w.Members {
		slots[in.Slot] = append(slots[in.Slot], in)
		if in.Phase == ready && w.percent(in.Slot) > 0 {
			routed++
			serving += cond(in.serving(plan.Candidate), 1, 0)
			others += cond(in.Default != plan.Candidate, 1, 0)
		}
		if listed := slices.Contains(restless, in); !listed && !in.rests() {
			t.Errorf("%s is not listed, and %+v", in.ID, in)
		}
	}
	for slot, all := range slots {
		if got := w.slot(slot); !slices.Equal(got, all) {
			t.Errorf("slot %s has %d instances, and %d are listed", slot, len(all), len(got))
		}
	}
	if got := w.count(plan.Candidate); got.n != serving || got.routed != routed || w.everywhere(plan.Candidate) != (others == 0) {
		t.Errorf("%d of %d instances serve %s, %d not by default, and %+v are counted", serving, routed, plan.Candidate, others, got)
	}
	readiesAgree(t, w, slots)
	half := plan.Instances[:len(plan.Instances)/2]
	twice := slices.Concat(half, half)
	for _, watch := range []engine.Watch{
		{Instances: plan.Instances},
		{Instances: half},
		{Instances: twice},
		{Instances: plan.Instances, Slot: plan.NewSlot},
		{Instances: half, Named: []string{"instance-01", "instance-03", "nobody"}, Except: []string{"instance-02"}},
	} {
		watch.Candidate, watch.Failures = plan.Candidate, 2
		watchAgrees(t, w, &watch)
	}
}

// readiesAgree compares which instance is number k of those that are ready.
func readiesAgree(t *testing.T, w *World, slots map[string][]*instance) {
	t.Helper()
	r := w.newRouter()
	for slot, all := range slots {
		v := &r.slots[w.nameOf(slot)]
		k := 0
		for _, in := range all {
			if in.Phase != ready {
				continue
			}
			if got := readyOf(v.all, v.out, k); got != in {
				t.Errorf("of slot %s, ready instance %d is %s, not %s", slot, k, in.ID, got.ID)
			}
			k++
		}
		if k != len(v.all)-len(v.out) {
			t.Errorf("%d instances of slot %s are ready, not %d", k, slot, len(v.all)-len(v.out))
		}
	}
}

// watchAgrees compares the condition of what is watched with that of every instance.
func watchAgrees(t *testing.T, w *World, watch *engine.Watch) {
	t.Helper()
	var got, want engine.Condition
	w.condition(&got, watch)
	for _, in := range w.Members {
		of := slices.ContainsFunc(watch.Instances, func(p engine.PlanInstance) bool { return p.ID == in.ID })
		if (of || watch.Slot != "" && in.Slot == watch.Slot || slices.Contains(watch.Named, in.ID)) && !slices.Contains(watch.Except, in.ID) {
			want.Watched++
			w.look(&want, watch, in, instant(watch.Since))
		}
	}
	if len(watch.Named)+len(watch.Except) == 0 {
		coverageAgrees(t, w, watch)
	}
	if got.Watched != want.Watched || got.Ready != want.Ready || got.Failing != want.Failing || got.Unproven != want.Unproven || !slices.Equal(got.Ailing, want.Ailing) {
		t.Errorf("%d of %d are ready, %d fail, %d are unproven, and not %d of %d, %d, %d:\n%+v\n%+v",
			got.Ready, got.Watched, got.Failing, got.Unproven, want.Ready, want.Watched, want.Failing, want.Unproven, got.Ailing, want.Ailing)
	}
	var told, reported engine.Condition
	w.reportOn(watch.Rollout, &told)
	for _, in := range w.Members {
		if in.By == watch.Rollout {
			reported.Pending += in.pending() + cond(in.Wanted != "", 1, 0)
			reported.BrokenCount += cond(in.Trouble != "", 1, 0)
		}
	}
	if told.Pending < reported.Pending || told.BrokenCount < reported.BrokenCount {
		t.Errorf("%d changes are pending and %d broken, and %d and %d are reported", reported.Pending, reported.BrokenCount, told.Pending, told.BrokenCount)
	}
}

// coverageAgrees compares how much is told of what is watched with what every instance tells.
func coverageAgrees(t *testing.T, w *World, watch *engine.Watch) {
	t.Helper()
	there, told := 0, 0
	for _, in := range w.Members {
		if watch.Slot != "" && in.Slot == watch.Slot || slices.ContainsFunc(watch.Instances, func(p engine.PlanInstance) bool { return p.ID == in.ID }) {
			there++
			told += cond(in.Phase != dead && w.reports(in), 1, 0)
		}
	}
	want := 0.0
	if !w.cfg.Metrics.IsZero() && there > 0 {
		want = max(leastTold, float64(told)/float64(there))
	}
	if got := w.coverage(&engine.Question{Instances: watch.Instances, Slot: watch.Slot}); got != want {
		t.Errorf("the coverage is %v, and %d of %d tell", got, told, there)
	}
}

// What rolling costs grows as the fleet does, checkers included: four times the instances
// make little more than four times the memory. Lists of all of them at every step would
// make sixteen times as much.
func TestRollingIsLinear(t *testing.T) {
	few, many := rollingCosts(t, 300, nil), rollingCosts(t, 1200, nil)
	if ratio := many / few; ratio > 5 {
		t.Errorf("1200 instances cost %.1f MB, 300 %.1f MB: %.1f times as much", many/1e6, few/1e6, ratio)
	}
}

// Faults that concern nobody cost next to nothing.
func TestIdleFaultsAreFree(t *testing.T) {
	without, with := rollingCosts(t, 300, nil), rollingCosts(t, 300, idleFaults())
	if with > 1.1*without {
		t.Errorf("a rollout costs %.2f MB, and with faults that never strike %.2f MB", without/1e6, with/1e6)
	}
}

// rollingCosts is how many bytes a rollout over n instances, one by one, allocates.
func rollingCosts(t *testing.T, n int, faults []Fault) float64 {
	t.Helper()
	cfg := installed(DefaultConfig())
	cfg.Instances, cfg.Faults = n, faults
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := begin(t, cfg, to(engine.Rolling))
	if s := r.drive(); s.Outcome != engine.Succeeded {
		t.Fatalf("%s: %s", s.Outcome, s.Reason)
	}
	r.watcher.End()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}
