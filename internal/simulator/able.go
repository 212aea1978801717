package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// abilities are what follows from Config.Can and Config.Metrics, worked out once.
type abilities struct {
	lacks     map[engine.Capability]bool // nil: nothing
	list      []engine.Capability        // the same, in the order of engine.AllCapabilities
	faultKeys []uint64
}

// equip works out what w can do. It is to be called whenever its configuration changes.
func (w *World) equip() {
	w.able = abilities{list: w.cfg.lacks(), faultKeys: faultKeys(w.cfg.Faults)}
	if len(w.able.list) > 0 {
		w.able.lacks = map[engine.Capability]bool{}
	}
	for _, what := range w.able.list {
		w.able.lacks[what] = true
	}
}

// lacks says whether w has not got a capability.
func (w *World) lacks(what engine.Capability) bool { return w.able.lacks[what] }

// lacks lists what a fleet of c has not got.
func (c *Config) lacks() []engine.Capability {
	var out []engine.Capability
	for _, what := range engine.AllCapabilities() {
		has, said := c.Can[what]
		if said && !has || what == engine.CanByTenant && !c.Metrics.ByTenant {
			out = append(out, what)
		}
	}
	return out
}

// Lacks says whether a fleet of c has not got a capability.
func (c *Config) Lacks(what engine.Capability) bool { return slices.Contains(c.lacks(), what) }

// capabilities is what a fleet tells of itself.
func (w *World) capabilities() engine.Capabilities {
	m := &w.cfg.Metrics
	c := engine.Capabilities{Lacks: slices.Clone(w.able.list), Resolution: m.resolution(), Delay: m.delay()}
	if len(m.Bounds) > 0 {
		c.LatencyBounds = slices.Clone(m.Bounds)
	}
	return c
}

// validateCan finds capabilities that there are not, and what contradicts itself.
func (c *Config) validateCan(p *problems) {
	for _, what := range slices.Sorted(maps.Keys(c.Can)) {
		if !slices.Contains(engine.AllCapabilities(), what) {
			p.add("simulated.can["+quoted(string(what))+"]", "", "is not a capability: there are "+capabilityNames())
		}
	}
	if c.Can[engine.CanByTenant] && !c.Metrics.ByTenant {
		p.add("simulated.metrics.by_tenant", "false", "contradicts can.by_tenant, true")
	}
}

// capabilityNames lists all of them.
func capabilityNames() string {
	var names []string
	for _, what := range engine.AllCapabilities() {
		names = append(names, string(what))
	}
	return strings.Join(names, ", ")
}

// idleCan names the faults that strike nothing because of what the fleet lacks.
func (c *Config) idleCan(p *problems) {
	lacks := c.lacks()
	for i := range c.Faults {
		kind := c.Faults[i].Kind
		if need, ok := struckAt[kind]; ok && slices.Contains(lacks, need) {
			p.add(fmt.Sprintf("simulated.faults[%d].kind", i), string(kind), "strikes nobody: the fleet cannot do "+string(need))
		}
	}
}

// struckAt is at which capability a kind of fault strikes.
var struckAt = map[FaultKind]engine.Capability{
	ProbesFail: engine.CanProbes, ProbesFlaky: engine.CanProbes, ProbesStuck: engine.CanProbes,
	SmokeFails: engine.CanSmokeTests, SwitchFails: engine.CanSlots, HalfSwitch: engine.CanSlots,
}

// unable says why the fleet will never carry a change out; "": it can.
func (w *World) unable(c *engine.Change) string {
	if w.able.lacks == nil {
		return ""
	}
	need, asked := needed[c.Kind]
	switch {
	case asked && w.lacks(need):
		return fmt.Sprintf("%s: the fleet cannot do %s", c.Kind, need)
	case c.Kind == engine.Shift && w.lacks(engine.CanRoutes):
		for _, r := range c.Routes {
			if r.Percent != 0 && r.Percent != 100 {
				return fmt.Sprintf("shift: %g %% for slot %s: the fleet switches all traffic or none", r.Percent, r.Slot)
			}
		}
	}
	return ""
}

// needed is what kinds of changes take. To replace what an instance runs, or to take it
// away, takes nothing.
var needed = map[engine.ChangeKind]engine.Capability{
	engine.Install: engine.CanSideBySide, engine.Activate: engine.CanSideBySide,
	engine.Pin: engine.CanTenants, engine.Unpin: engine.CanTenants,
	engine.Provision: engine.CanSlots, engine.Retire: engine.CanSlots, engine.Shift: engine.CanSlots,
	engine.Smoke: engine.CanSmokeTests,
}

// withhold leaves out of a measurement what the fleet lacks.
func (w *World) withhold(m *engine.Measurement) {
	if w.able.lacks == nil {
		return
	}
	for _, what := range w.able.list {
		leaveOut(m, what)
	}
	for i := range m.PerTenant {
		w.withholdOf(&m.PerTenant[i])
	}
}

// leaveOut leaves out of a measurement what a fleet without a capability cannot tell; what
// is not here is not measured.
func leaveOut(m *engine.Measurement, what engine.Capability) {
	switch what {
	case engine.CanLatency:
		m.Slower, m.Histogram, m.Latency = nil, engine.Histogram{}, engine.Mean{}
	case engine.CanTimeouts:
		m.Timeouts = 0
	case engine.CanConversions:
		m.Conversions = 0
	case engine.CanSatisfaction:
		m.Satisfaction = engine.Mean{}
	case engine.CanExecutionTime:
		m.Execution = engine.Mean{}
	case engine.CanCPU:
		m.CPU = engine.Mean{}
	case engine.CanMemory:
		m.Memory = engine.Mean{}
	case engine.CanTenantsSeen:
		m.Tenants = 0
	case engine.CanByTenant:
		m.Worst, m.PerTenant = nil, nil
	}
}

// withholdOf does the same for one tenant.
func (w *World) withholdOf(t *engine.TenantCount) {
	if w.lacks(engine.CanLatency) {
		t.Slower, t.Latency = 0, engine.Mean{}
	}
	if w.lacks(engine.CanTimeouts) {
		t.Timeouts = 0
	}
	if w.lacks(engine.CanConversions) {
		t.Conversions = 0
	}
	if w.lacks(engine.CanSatisfaction) {
		t.Satisfaction = engine.Mean{}
	}
}
