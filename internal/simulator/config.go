package simulator

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Config describes the worlds of a simulated fleet. Start from [DefaultConfig]: a
// zero here is a zero, not a default. JSON that leaves a setting out gets the
// default.
type Config struct {
	Instances         int     `json:"instances"`           // of the slot that serves at the start, 1..100000
	Tenants           int     `json:"tenants"`             // 1..1000000
	Seed              int64   `json:"seed"`                // any number; the same seed gives the same world
	RequestsPerSecond float64 `json:"requests_per_second"` // of all tenants together, 0..1000000

	// Installed has the version that serves at the start, by plugin. A plugin that
	// is not listed is not installed.
	Installed map[string]string `json:"installed,omitempty"`
	// Versions has how versions behave, by version or, where they behave otherwise for
	// one plugin, by PLUGIN@VERSION. One that is not listed is as DefaultBehaviour says.
	Versions map[string]Behaviour `json:"versions,omitempty"`
	// Left names settings, see [Held], that whoever wrote the configuration left open: a
	// fleet that exists keeps its own, and a new one takes what is here.
	Left []string `json:"-"`
	// KeepRollouts is how many rollouts a store keeps the journals of, the newest, 1..10000;
	// 0: DefaultKeepRollouts. What can still be gone back to is kept beside them.
	KeepRollouts int     `json:"-"`
	Faults       []Fault `json:"faults,omitempty"`

	// Spare is how many instances there is room for beside those of the start;
	// negative: as many again, which is what blue-green needs.
	Spare int `json:"spare"`
	// TenantSpread says how uneven the tenants' traffic is: the deviation of the
	// logarithm of their weights, 0..2. 0: all send the same.
	TenantSpread float64 `json:"tenant_spread"`
	// TenantWeights lists what the first tenants send, relative to the others, 0.000001 to
	// 1000000 each, and at most mostWeights different ones. The others' weights are as
	// TenantSpread says, around 1.
	TenantWeights []float64 `json:"tenant_weights,omitempty"`
	// TenantChurn is the share of the tenants that a day replaces by others, 0..1; those
	// whose weights are listed stay. It makes room for more tenants than there are at a
	// time: all of them are at most 1000000.
	TenantChurn float64 `json:"tenant_churn,omitempty"`
	// TenantErrorSpread says how unlike the tenants' error rates are: the deviation of
	// the logarithm of the factors by which they differ from the version's, whose mean
	// is 1; 0..2. 0: all have the version's. 0.83 is a coefficient of variation of 1
	// among very many, and of 0.94 among 150.
	TenantErrorSpread float64 `json:"tenant_error_spread"`
	// TenantConversionSpread says how unlike the tenants' conversion rates are, in the
	// same way; 0..2. Who converts often has nothing to do with who errs often.
	TenantConversionSpread float64 `json:"tenant_conversion_spread,omitempty"`
	// MinuteNoise says how unlike the minutes are: the deviation of the logarithm of a
	// factor on all versions' error rates that every minute draws anew, with mean 1;
	// 0..1. 0: every minute is like the others.
	MinuteNoise float64 `json:"minute_noise"`

	// DailySwing says how uneven the day is: RequestsPerSecond is its mean, and at
	// DailyPeakHour, 0..24, there is this share of it more, 0..1, and twelve hours away
	// as much less. The clock starts at midnight. 0: all hours are alike.
	DailySwing    float64 `json:"daily_swing,omitempty"`
	DailyPeakHour float64 `json:"daily_peak_hour,omitempty"`

	DrainSeconds         float64 `json:"drain_seconds"`          // an instance finishes its requests before a replace, 0..86400
	InstallSeconds       float64 `json:"install_seconds"`        // a version is put on an instance, 0..86400
	ProvisionSeconds     float64 `json:"provision_seconds"`      // new instances of a slot come up, before they install, 0..86400
	SmokeSeconds         float64 `json:"smoke_seconds"`          // a smoke test takes, all run at once, 0..86400
	SwitchSeconds        float64 `json:"switch_seconds"`         // routes take to change, 0..86400; 0: they change at once
	ProbeIntervalSeconds float64 `json:"probe_interval_seconds"` // between the health probes of an instance, 1..3600

	// Can has, for capabilities by their names, whether the fleet has them. It has those
	// that are not listed.
	Can map[engine.Capability]bool `json:"can,omitempty"`
	// Metrics is what the numbers are like that others are told about the traffic.
	Metrics Metrics `json:"metrics,omitzero"`
}

// Behaviour is what a version does with the traffic it gets. Start from
// [DefaultBehaviour]; JSON that leaves a setting out gets the default.
type Behaviour struct {
	ErrorRate          float64 `json:"error_rate"`           // errors / requests, 0..1
	TimeoutRate        float64 `json:"timeout_rate"`         // timeouts / requests, 0..1; with ErrorRate at most 1
	LatencyP50Ms       float64 `json:"latency_p50_ms"`       // median latency in ms, above 0
	LatencyP99Ms       float64 `json:"latency_p99_ms"`       // 99th percentile of latency in ms, at least the median
	ConversionRate     float64 `json:"conversion_rate"`      // conversions / requests that succeed, 0..1
	Satisfaction       float64 `json:"satisfaction"`         // mean of the survey scores, 1..5
	SurveyRate         float64 `json:"survey_rate"`          // surveys answered / requests, 0..1
	ExecutionTimeMs    float64 `json:"execution_time_ms"`    // mean time spent in the plugin in ms, at least 0
	CPU                float64 `json:"cpu"`                  // mean share of the CPU limit, 0..1
	Memory             float64 `json:"memory"`               // mean share of the memory limit, 0..1
	StartupSeconds     float64 `json:"startup_seconds"`      // between install and ready, 0..86400
	InstallFailureRate float64 `json:"install_failure_rate"` // installs that fail, 0..1
	SmokeFailureRate   float64 `json:"smoke_failure_rate"`   // smoke tests that fail, 0..1

	// ColdSeconds is how long after its start a version is cold on an instance, 0..86400:
	// at least ColdErrorRate of its requests fail, 0..1, and they take ColdLatencyFactor
	// times as long, 1..1000, 0: 1.
	ColdSeconds       float64 `json:"cold_seconds,omitempty"`
	ColdErrorRate     float64 `json:"cold_error_rate,omitempty"`
	ColdLatencyFactor float64 `json:"cold_latency_factor,omitempty"`
	// LeakSeconds is how long after its start a version has used something up on an
	// instance, 0..8640000, 0: never; from then on LeakErrorRate of its requests fail, 0..1.
	LeakSeconds   float64 `json:"leak_seconds,omitempty"`
	LeakErrorRate float64 `json:"leak_error_rate,omitempty"`
	// NoveltySeconds is how long after its start a version is new to its users on an
	// instance, 0..8640000, 0: never. Meanwhile they convert NoveltyConversionFactor times
	// as often, 0.001..1000, 0: 1, and score it NoveltySatisfaction in the mean, 1..5, 0: as
	// ever. What is liked better at first has more of both, what has to be learned less.
	NoveltySeconds          float64 `json:"novelty_seconds,omitempty"`
	NoveltyConversionFactor float64 `json:"novelty_conversion_factor,omitempty"`
	NoveltySatisfaction     float64 `json:"novelty_satisfaction,omitempty"`
	// OverloadAbove is how many requests per second a version can take in all, 0..1000000,
	// 0: any. While it gets more, at least OverloadErrorRate of them fail, 0..1, and they
	// take OverloadLatencyFactor times as long, 1..1000, 0: 1.
	OverloadAbove         float64 `json:"overload_above,omitempty"`
	OverloadErrorRate     float64 `json:"overload_error_rate,omitempty"`
	OverloadLatencyFactor float64 `json:"overload_latency_factor,omitempty"`
	// PromotedErrorRate is how many of its requests fail at least while a version is
	// the default of all instances that take traffic, 0..1: what only shows at the end.
	PromotedErrorRate float64 `json:"promoted_error_rate,omitempty"`
}

// DefaultKeepRollouts is how many rollouts a store keeps the journals of, unless told.
const DefaultKeepRollouts = 50

// DefaultConfig is a fleet of ten instances and 150 tenants.
func DefaultConfig() Config {
	return Config{
		Instances: 10, Tenants: 150, Seed: 1, RequestsPerSecond: 150,
		Spare: -1, TenantSpread: 0.5,
		DrainSeconds: 0.5, InstallSeconds: 1, ProvisionSeconds: 60,
		SmokeSeconds: 30, ProbeIntervalSeconds: 10,
		Metrics: DefaultMetrics(),
	}
}

// DefaultBehaviour is how a version behaves that nothing is said about: well.
func DefaultBehaviour() Behaviour {
	return Behaviour{
		ErrorRate: 0.01, LatencyP50Ms: 40, LatencyP99Ms: 200, ConversionRate: 0.03,
		Satisfaction: 4.2, SurveyRate: 0.05, ExecutionTimeMs: 15, CPU: 0.35, Memory: 0.5,
		StartupSeconds: 1,
	}
}

// UnmarshalJSON reads a Config; what is left out is as in DefaultConfig.
func (c *Config) UnmarshalJSON(data []byte) error {
	type plain Config
	p := plain(DefaultConfig())
	err := json.Unmarshal(data, &p)
	*c = Config(p)
	return err
}

// UnmarshalJSON reads a Behaviour; what is left out is as in DefaultBehaviour.
func (b *Behaviour) UnmarshalJSON(data []byte) error {
	type plain Behaviour
	p := plain(DefaultBehaviour())
	err := json.Unmarshal(data, &p)
	*b = Behaviour(p)
	return err
}

// Behaviour is how a version of a plugin behaves, faults aside: as is said of that
// plugin's version, or else of the version, or else of any.
func (c *Config) Behaviour(plugin, version string) Behaviour {
	if b, ok := c.Versions[plugin+"@"+version]; ok {
		return b
	}
	if b, ok := c.Versions[version]; ok {
		return b
	}
	return DefaultBehaviour()
}

// spare is how many instances there is room for beside those of the start.
func (c *Config) spare() int {
	if c.Spare < 0 {
		return c.Instances
	}
	return c.Spare
}

// copied is c with maps and lists of its own.
func (c Config) copied() Config {
	c.Installed = maps.Clone(c.Installed)
	c.Versions = maps.Clone(c.Versions)
	c.Faults = slices.Clone(c.Faults)
	c.Left = slices.Clone(c.Left)
	c.TenantWeights = slices.Clone(c.TenantWeights)
	c.Can, c.Metrics.Bounds = maps.Clone(c.Can), slices.Clone(c.Metrics.Bounds)
	return c
}
