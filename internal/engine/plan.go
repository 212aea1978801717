package engine

import (
	"slices"
	"time"
)

// Plan is a whole rollout, before anything happens: every change, every wait,
// every gate and every way back.
type Plan struct {
	Format   int    `json:"format"`  // of the plan as it is written down, see PlanFormat
	Digest   string `json:"digest"`  // of everything below; a journal replays only against its own plan
	Rollout  string `json:"rollout"` // id of the rollout
	Spec     Spec   `json:"spec"`    // with every default filled in
	Baseline string `json:"baseline"`
	// Candidate is the version that is rolled out; "" removes the plugin.
	Candidate string `json:"candidate"`
	// Slot is the slot that serves at the start, NewSlot the one that blue-green prepares.
	Slot    string `json:"slot"`
	NewSlot string `json:"newSlot,omitempty"`
	// Instances are the instances that the plan may touch, in the order in which it does.
	Instances []PlanInstance `json:"instances"`
	// Had are the ids of all instances of the active slot: others have joined since.
	Had []string `json:"had,omitempty"`
	// Tenants are all tenants in the order in which they are exposed. Those from
	// Movable on were pinned by somebody else and are never moved.
	Tenants []Tenant `json:"tenants"`
	Movable int      `json:"movable"`
	// Restores is the rollout whose effect this plan takes back; "" for a rollout of its own.
	Restores string    `json:"restores,omitempty"`
	Stages   []Stage   `json:"stages"`
	Guards   Guards    `json:"guards"`
	Warnings []Warning `json:"warnings,omitempty"`
	// Pace is what the plan takes from its fleet.
	Pace Pace `json:"pace,omitzero"`
}

// PlanFormat is the version of the written form of plans: up to 2 stores wrote a plan down
// as a whole, since then in parts, see EncodePlan. A reader refuses a newer one.
const PlanFormat = 3

// legacy says whether p is of a format whose rollouts had constants of their own, and
// counted tries instead of time: it is walked by the rules that it began with.
func (p *Plan) legacy() bool { return p.Format < 3 }

// staleAfter is how old the newest sample may be before it counts as no data.
func (p *Plan) staleAfter() time.Duration { return max(usualStale, p.Pace.StaleAfter) }

// retries is how long calls that fail are tried again.
func (p *Plan) retries(back bool) time.Duration {
	if back {
		return p.Pace.Back
	}
	return p.Pace.Forward
}

// PlanInstance is an instance as the snapshot had it.
type PlanInstance struct {
	ID        string   `json:"id"`
	Default   string   `json:"default"`
	Installed []string `json:"installed,omitempty"`
	Ready     bool     `json:"ready"`
}

// Range is the half-open interval [From, To) of positions in Plan.Instances or
// Plan.Tenants. A plan for a million tenants stays small because of it.
type Range struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Len is the number of positions in r.
func (r Range) Len() int { return r.To - r.From }

// Stage is one row of a plan.
type Stage struct {
	Name     string        `json:"name"`
	Changes  []Change      `json:"changes,omitempty"` // absolute, made in order
	Undo     []Change      `json:"undo,omitempty"`    // takes Changes back, to each target's own prior version
	Settle   time.Duration `json:"settle"`            // every touched target must be in effect and ready within this
	Bake     time.Duration `json:"bake"`              // then the gate is judged for this long
	Gate     Gate          `json:"gate"`              // the zero Gate always passes
	Hold     bool          `json:"hold"`              // then wait for a promote
	Final    bool          `json:"final"`             // no way back once begun
	OneWay   string        `json:"oneWay,omitempty"`  // why Undo cannot be carried out everywhere; "": it can
	Touched  Range         `json:"touched"`           // instances that the stage changes
	Exposure Exposure      `json:"exposure"`          // at most this much, from the stage's start on
}

// Exposure is how much of the world the candidate reaches: its blast radius.
//
// In a stage it is a ceiling. Where a strategy changes instances and not tenants
// (Direct, Rolling) the fleet decides whose requests land where: Instances is the
// ceiling, Tenants and Share are what even spreading gives.
type Exposure struct {
	Tenants   int     `json:"tenants"`   // tenants that the candidate serves
	Instances int     `json:"instances"` // instances that can serve the candidate
	Share     float64 `json:"share"`     // percent of the expected traffic, 0..100
}

// or is, in each respect, the greater of the two.
func (e Exposure) or(f Exposure) Exposure {
	return Exposure{max(e.Tenants, f.Tenants), max(e.Instances, f.Instances), max(e.Share, f.Share)}
}

// reachesTenants says whether anybody is served by the candidate.
func (e Exposure) reachesTenants() bool { return e.Tenants > 0 || e.Share > 0 }

// ChangeKind says what a change does.
type ChangeKind string

// The kinds of changes. All are absolute: making one twice is making it once.
const (
	Install   ChangeKind = "install"   // put Version beside what Instances run; nothing goes out of service
	Replace   ChangeKind = "replace"   // make Version the default of Instances in place of the old one, which is removed; each drains, restarts, comes back
	Activate  ChangeKind = "activate"  // make Version, installed already, the default of Instances, or, where it is "", leave them without one; nothing goes out of service
	Remove    ChangeKind = "remove"    // remove Version from Instances; where it is the default, the plugin is gone
	Pin       ChangeKind = "pin"       // hold Tenants to Version
	Unpin     ChangeKind = "unpin"     // let Tenants follow their instances' default
	Provision ChangeKind = "provision" // give Slot exactly Count instances that run only Version
	Retire    ChangeKind = "retire"    // remove Slot and its instances
	Smoke     ChangeKind = "smoke"     // run Tests on Slot
	Shift     ChangeKind = "shift"     // route traffic as Routes say
)

// Change is one absolute request to the fleet.
type Change struct {
	Kind      ChangeKind `json:"kind"`
	Version   string     `json:"version,omitempty"`
	Instances Range      `json:"instances,omitzero"`
	Tenants   Range      `json:"tenants,omitzero"`
	// Named are instances that are not in the plan: those that joined while it ran.
	Named  []string `json:"named,omitempty"`
	Slot   string   `json:"slot,omitempty"`
	Count  int      `json:"count,omitempty"`
	Tests  []string `json:"tests,omitempty"`
	Routes []Route  `json:"routes,omitempty"`
}

// Gate is what a stage has to show before the next one begins. The zero Gate
// always passes.
type Gate struct {
	Checks []Check `json:"checks,omitempty"`
	// Smoke wants every smoke test of the stage passed.
	Smoke bool `json:"smoke,omitempty"`
	// Compare decides between the variants of an A/B test at the end of the bake.
	Compare        *Compare `json:"compare,omitempty"`
	MinRequests    int64    `json:"minRequests,omitempty"`
	MinTenants     int      `json:"minTenants,omitempty"`
	OnFail         Policy   `json:"onFail,omitempty"`
	OnInconclusive Policy   `json:"onInconclusive,omitempty"`
	// MaxExtension bounds the length of an inconclusive bake, as a multiple of Bake.
	MaxExtension float64 `json:"maxExtension,omitempty"`
	// Mode is the judge. Alpha is the part of the rollout's error that this gate may
	// spend, MinEffect the relative worsening that is tolerated, and Margin the one
	// that a guardrail of an A/B test tolerates. The threshold judge uses neither.
	Mode      JudgeMode `json:"mode,omitempty"`
	Alpha     float64   `json:"alpha,omitempty"`
	MinEffect float64   `json:"minEffect,omitempty"`
	Margin    float64   `json:"margin,omitempty"`
}

// countsOnly says whether counts are all that g looks at, at the end of its bake or,
// where shown is false, before.
func (g Gate) countsOnly(shown bool) bool {
	return !(shown && g.Compare != nil) && !slices.ContainsFunc(g.Checks, func(c Check) bool {
		switch c.Metric {
		case ErrorRate, SuccessRate, LatencyP99, TenantErrorRate:
			return false
		}
		return true
	})
}

// asksForTenants says whether g bounds what happens to one tenant.
func (g Gate) asksForTenants() bool {
	return slices.ContainsFunc(g.Checks, func(c Check) bool { return c.Metric == TenantErrorRate })
}

// IsZero says whether g always passes.
func (g Gate) IsZero() bool { return len(g.Checks) == 0 && !g.Smoke && g.Compare == nil }

// Check bounds one metric of the candidate: from above, or from below where
// higher is better.
type Check struct {
	Metric Metric  `json:"metric"`
	Bound  float64 `json:"bound"`
}

// Compare is how an A/B test is decided.
type Compare struct {
	Metrics         []Metric `json:"metrics"`
	WinnerThreshold float64  `json:"winnerThreshold"` // least relative advantage, 0..1
	// WeightA and WeightB are the tenant weights of the arms, for throughput.
	WeightA float64 `json:"weightA"`
	WeightB float64 `json:"weightB"`
	// TenantsA and TenantsB are how many tenants the split gives each arm, of those that it
	// may move: nobody else is compared tenant by tenant.
	TenantsA int `json:"tenantsA"`
	TenantsB int `json:"tenantsB"`
	// MostB is how much of all traffic B may have, percent: the first tenants in the order of
	// exposure have it, up to there.
	MostB float64 `json:"mostB"`
}

// Guards watch the candidate from the first change to the end, in every stage. A
// zero bound switches a guard off.
type Guards struct {
	ConsecutiveHealthFailures int           `json:"consecutiveHealthFailures"`
	MaxErrorRate              float64       `json:"maxErrorRate"`
	ErrorRateWindow           time.Duration `json:"errorRateWindow"`
	MaxLatencyP99Ratio        float64       `json:"maxLatencyP99Ratio"`
	LatencyWindow             time.Duration `json:"latencyWindow"`
	OnTrip                    Policy        `json:"onTrip"`
}
