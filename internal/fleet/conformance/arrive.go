package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// usualSettle is how long a change takes at most where the sandbox does not say.
const usualSettle = 30 * time.Second

// arrive finds out whom it has to do with, and where to try.
func (r *run) arrive(ctx context.Context) error {
	got, err := r.caller.do(ctx, nil, ask{method: http.MethodGet, top: true, path: []string{"v1"}})
	if err != nil {
		return err
	}
	at := r.caller.conn.URL("v1").String()
	if got.status != http.StatusOK {
		return fmt.Errorf("GET %s: %s came, and 200 is wanted: %s", at, got.told(), got.shown.Answer)
	}
	if err := got.in(&r.service); err != nil || !r.service.Speaks() {
		return fmt.Errorf("GET %s: this is not the API of a fleet with contract %s: it answered %s", at, contract.Version, got.shown.Answer)
	}
	r.report.Software, r.report.Contract = r.service.Software, r.service.Contract
	if err := r.place(); err != nil {
		return err
	}
	r.report.Environment, r.report.Plugin = r.Environment, r.Plugin
	r.base = []string{"v1", "environments", r.Environment, "plugins", r.Plugin}
	if f := r.attempt(ctx, (*trial).look); f != nil {
		return fmt.Errorf("%s in %s: %s", r.Plugin, r.Environment, f.why)
	}
	return nil
}

// place is where to try.
func (r *run) place() error {
	switch box := r.service.Sandbox; {
	case r.isSandbox():
		r.Environment, r.Plugin = box.Environment, box.Plugin
		if r.Settle == 0 {
			r.Settle = time.Duration(box.Settle)
		}
		if len(r.Versions) == 0 {
			r.Versions = box.Versions
		}
	case box == nil && (r.Environment == "" || r.Plugin == ""):
		return errors.New("the fleet names no sandbox in GET /v1: it needs one, or an environment, a plugin and two versions have to be named")
	case r.Environment == "" || r.Plugin == "":
		return fmt.Errorf("the sandbox is %s in %s: name both, an environment and a plugin, to try elsewhere", box.Plugin, box.Environment)
	case !r.Deploy:
		return fmt.Errorf("%s in %s is not the fleet's sandbox: the suite deploys there, back and forth, and has to be allowed to", r.Plugin, r.Environment)
	}
	return r.versioned()
}

// versioned says what is wrong with the versions, and how long a change takes where nobody
// said.
func (r *run) versioned() error {
	if len(r.Versions) < 2 || r.Versions[0] == r.Versions[1] || slices.Contains(r.Versions, "") {
		return fmt.Errorf("the suite needs two versions that can be installed, the one that runs there first; these are %q", r.Versions)
	}
	if r.Settle <= 0 {
		r.Settle = usualSettle
	}
	return nil
}

// isSandbox says whether the place that is named is the fleet's sandbox, or none is named.
func (r *run) isSandbox() bool {
	box := r.service.Sandbox
	return box != nil && (r.Environment == "" || r.Environment == box.Environment) && (r.Plugin == "" || r.Plugin == box.Plugin)
}

// look reads how the sandbox is, puts back what a run before left, and keeps what it has
// to be like in the end.
func (t *trial) look() {
	t.fleet = t.describe()
	for _, what := range t.fleet.Capabilities.Can {
		t.able[what] = true
	}
	best := -1.0
	for _, route := range t.fleet.Routes {
		if route.Percent > best && route.Slot != extraSlot {
			best, t.box.slot = route.Percent, route.Slot
		}
	}
	t.box.old, t.box.new = t.Versions[0], t.Versions[1]
	for _, i := range t.atRest() {
		if i.Slot != extraSlot {
			t.box.instances = append(t.box.instances, i.ID)
			t.box.slot = cmp.Or(t.box.slot, i.Slot) // where all traffic is on what a run before left
			if i.Ready {
				t.box.well = append(t.box.well, i.ID)
			}
		}
	}
	t.must(len(t.box.instances) >= 2, "there are %d instances, and the suite needs two", len(t.box.instances))
	for _, of := range t.tenants() {
		t.box.tenants = append(t.box.tenants, of.ID)
	}
	t.box.list = contract.EncodeTargets(t.box.targets(ghost))
	t.endRollouts()
	t.restore()
}

// atRest are the instances once all are ready, or after as long as a change may take: what
// a run before asked for may still be on its way.
func (t *trial) atRest() []contract.Instance {
	for waited, wait := time.Duration(0), firstLook; ; wait = min(2*wait, longestLook) {
		all := t.instances()
		if waited > t.Settle || !slices.ContainsFunc(all, func(i contract.Instance) bool { return !i.Ready }) {
			return all
		}
		t.rest(wait)
		waited += wait
	}
}
