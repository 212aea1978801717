package simulator

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// host is a world as its traffic sees it.
type host struct{ w *World }

func (h host) Time() int64 { return h.w.Time }

func (h host) Name(version uint16) string { return h.w.Names[version] }

func (h host) ConversionRate(version uint16) float64 {
	return h.w.behaviourOf(h.w.Names[version]).ConversionRate
}

func (h host) Gaps() []traffic.Gap { return h.w.Gaps }

// seedOf is the seed of a world: that of the configuration, the environment and the plugin.
func seedOf(c *Config, env engine.Environment, plugin string) uint64 {
	return chance.Mix(uint64(c.Seed)) ^ chance.Mix(chance.Key(string(env))+1) ^ chance.Mix(chance.Key(plugin)+2)
}

// serve makes the traffic of a world that was made or loaded.
func (w *World) serve() {
	classes := make([]traffic.Class, len(w.Classes))
	for i := range w.Classes {
		classes[i] = w.Classes[i].served()
	}
	w.traffic = traffic.New(host{w}, w.cfg.traffic(w.seed), &w.Routing, classes...)
}

// traffic is what c says about the traffic of a world with a seed.
func (c *Config) traffic(seed uint64) traffic.Config {
	m := &c.Metrics
	return traffic.Config{
		Seed: seed, Epoch: epoch,
		Tenants: c.Tenants, TenantWeights: c.TenantWeights, TenantSpread: c.TenantSpread, TenantChurn: c.TenantChurn,
		TenantErrorSpread: c.TenantErrorSpread, TenantConversionSpread: c.TenantConversionSpread, MinuteNoise: c.MinuteNoise,
		DailySwing: c.DailySwing, DailyPeakHour: c.DailyPeakHour,
		Instances: c.Instances, Resolution: m.resolution(), Delay: m.delay(), Bounds: m.Bounds,
		Partial: m.Coverage != 1, Resets: m.Resets, Missing: m.Missing,
	}
}

// served is c as traffic knows it.
func (c *class) served() traffic.Class {
	b := &c.Does
	return traffic.Class{
		Version: c.Version, Lost: c.Lost, Absent: c.Absent, Untold: c.Untold,
		Does: traffic.Service{
			ErrorRate: b.ErrorRate, TimeoutRate: b.TimeoutRate, LatencyP50Ms: b.LatencyP50Ms, LatencyP99Ms: b.LatencyP99Ms,
			ConversionRate: b.ConversionRate, Satisfaction: b.Satisfaction, SurveyRate: b.SurveyRate,
			ExecutionTimeMs: b.ExecutionTimeMs, CPU: b.CPU, Memory: b.Memory,
		},
		Least: c.Least, Of: c.Of, Times: c.Times, Above: c.Above, Over: c.Over,
	}
}
