package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Idle reports what c says that can never matter, as [engine.Problems] with paths as
// they are written in HCL, nil where nothing is: faults that strike instances or
// tenants that there are not, that lack the magnitude they need, or that are given
// what their kind does not heed, and figures of versions that wait for another one.
// Such a fleet works; but whoever tries something with it tries nothing.
func (c Config) Idle() error {
	var p problems
	for _, version := range slices.Sorted(maps.Keys(c.Versions)) {
		c.Versions[version].idle(&p, "simulated.versions["+quoted(version)+"].")
	}
	c.idleCan(&p)
	c.Metrics.idle(&p)
	for i := range c.Faults {
		f, path := &c.Faults[i], fmt.Sprintf("simulated.faults[%d].", i)
		f.unheeded(&p, path)
		if f.Magnitude == 1 && factors[f.Kind] {
			p.add(path+"magnitude", "1", "changes nothing: it is a factor")
		}
		for k, id := range f.Instances {
			if !c.mayHave(id) {
				p.add(path+"instances["+strconv.Itoa(k)+"]", quoted(id), "is not an instance: there are "+c.instanceNames())
			}
		}
		for k, id := range f.Tenants {
			if !c.hasTenant(id) {
				p.add(path+"tenants["+strconv.Itoa(k)+"]", quoted(id), fmt.Sprintf("is not a tenant: there are %s to %s", tenantName(1, c.Tenants), tenantName(c.Tenants, c.Tenants)))
			}
		}
		if f.Tenants != nil && f.TenantShare != 0 {
			p.add(path+"tenant_share", number(f.TenantShare), "does not go with tenants, which are named")
		}
	}
	if len(p) == 0 {
		return nil
	}
	return engine.Problems(p)
}

// factors are the kinds whose magnitude is a factor.
var factors = map[FaultKind]bool{Latency: true, Surge: true, HotTenant: true, NoisyMinute: true, GrayFailure: true}

// idle names the figures of b that matter only with another one, which is not there.
func (b Behaviour) idle(p *problems, path string) {
	for _, s := range []struct {
		key         string
		said, heard bool
		without     string
	}{
		{"cold_error_rate", b.ColdErrorRate != 0, b.ColdSeconds > 0, "cold_seconds"},
		{"cold_latency_factor", b.ColdLatencyFactor != 0, b.ColdSeconds > 0, "cold_seconds"},
		{"cold_seconds", b.ColdSeconds > 0, b.ColdErrorRate > 0 || b.ColdLatencyFactor != 0, "cold_error_rate or cold_latency_factor"},
		{"leak_error_rate", b.LeakErrorRate != 0, b.LeakSeconds > 0, "leak_seconds"},
		{"leak_seconds", b.LeakSeconds > 0, b.LeakErrorRate > 0, "leak_error_rate"},
		{"novelty_conversion_factor", b.NoveltyConversionFactor != 0, b.NoveltySeconds > 0, "novelty_seconds"},
		{"novelty_satisfaction", b.NoveltySatisfaction != 0, b.NoveltySeconds > 0, "novelty_seconds"},
		{"novelty_seconds", b.NoveltySeconds > 0, b.NoveltyConversionFactor != 0 || b.NoveltySatisfaction != 0, "novelty_conversion_factor or novelty_satisfaction"},
		{"overload_error_rate", b.OverloadErrorRate != 0, b.OverloadAbove > 0, "overload_above"},
		{"overload_latency_factor", b.OverloadLatencyFactor != 0, b.OverloadAbove > 0, "overload_above"},
		{"overload_above", b.OverloadAbove > 0, b.OverloadErrorRate > 0 || b.OverloadLatencyFactor != 0, "overload_error_rate or overload_latency_factor"},
	} {
		if s.said && !s.heard {
			p.add(path+s.key, "", "does nothing without "+s.without)
		}
	}
}

// Heeded is b without the figures that matter only with another one, which is not there.
func (b Behaviour) Heeded() Behaviour {
	if b.ColdSeconds == 0 || b.ColdErrorRate == 0 && b.ColdLatencyFactor == 0 {
		b.ColdSeconds, b.ColdErrorRate, b.ColdLatencyFactor = 0, 0, 0
	}
	if b.LeakSeconds == 0 || b.LeakErrorRate == 0 {
		b.LeakSeconds, b.LeakErrorRate = 0, 0
	}
	if b.NoveltySeconds == 0 || b.NoveltyConversionFactor == 0 && b.NoveltySatisfaction == 0 {
		b.NoveltySeconds, b.NoveltyConversionFactor, b.NoveltySatisfaction = 0, 0, 0
	}
	if b.OverloadAbove == 0 || b.OverloadErrorRate == 0 && b.OverloadLatencyFactor == 0 {
		b.OverloadAbove, b.OverloadErrorRate, b.OverloadLatencyFactor = 0, 0, 0
	}
	return b
}

// mayHave says whether a world of c may come to have an instance: one of the start,
// one that there is room for, or one that joins.
func (c *Config) mayHave(id string) bool {
	joins := 0
	for _, f := range c.Faults {
		if f.Kind == InstanceJoins {
			joins += f.Count
		}
	}
	// A slot that is retired and provisioned again has new instances.
	most := c.Instances + max(c.spare(), c.Instances) + joins
	n, ok := numberIn(id, "instance-")
	return ok && n <= most && instanceName(n, c.Instances) == id
}

// Starts says whether an instance is there from the start, or is none that there can be,
// which [Config.Idle] reports.
func (c *Config) Starts(id string) bool {
	n, _ := numberIn(id, "instance-")
	return n <= c.Instances || !c.mayHave(id)
}

// instanceNames says what the instances of c are called.
func (c *Config) instanceNames() string {
	text := instanceName(1, c.Instances) + " to " + instanceName(c.Instances, c.Instances)
	if c.Instances == 1 {
		text = instanceName(1, 1)
	}
	if spare := c.spare(); spare > 0 {
		text += ", and up to " + instanceName(c.Instances+spare, c.Instances) + " in a second slot"
	}
	return text
}

func (c *Config) hasTenant(id string) bool {
	n, ok := numberIn(id, "tenant-")
	return ok && n <= c.Tenants && tenantName(n, c.Tenants) == id
}

// numberIn is the number, from 1 on, behind a prefix.
func numberIn(id, prefix string) (int, bool) {
	digits, ok := strings.CutPrefix(id, prefix)
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n > 0
}

// tenantName is what tenant n, from 1 on, of so many is called.
func tenantName(n, of int) string { return fmt.Sprintf("tenant-%0*d", len(strconv.Itoa(of)), n) }

// instanceName is what instance n, from 1 on, is called in a fleet that began with so
// many.
func instanceName(n, of int) string {
	return fmt.Sprintf("instance-%0*d", max(2, len(strconv.Itoa(2*of))), n)
}
