package simulator

// heed is what a kind of fault heeds of what can be said of one, beside its kind and
// its time.
type heed struct {
	version, instances, tenants bool // whom it strikes
	chance                      bool // probability and times
	magnitude                   need
	count                       bool
}

// need says whether a kind has a magnitude.
type need int

const (
	without need = iota // it has none
	mayHave             // it has a usual one
	mustHave
)

// heeds are what the kinds heed. What a kind does not heed is refused where it is
// written: it would be taken for something that was tried.
var heeds = map[FaultKind]heed{
	InstallFails:    {version: true, instances: true, chance: true},
	InstanceCrash:   {version: true, instances: true, chance: true},
	ProbesFail:      {version: true, instances: true},
	SlowStart:       {version: true, instances: true, chance: true, magnitude: mustHave},
	ErrorSpike:      {version: true, instances: true, magnitude: mustHave},
	Latency:         {version: true, instances: true, magnitude: mustHave},
	TenantFails:     {version: true, instances: true, tenants: true, magnitude: mustHave},
	MetricsGap:      {version: true},
	MetricsNaN:      {version: true},
	SwitchFails:     {chance: true},
	SmokeFails:      {version: true, instances: true, chance: true},
	LostReply:       {version: true, chance: true},
	RefusedCall:     {version: true, chance: true},
	RejectedCall:    {version: true, chance: true},
	MeasureFails:    {chance: true},
	SnapshotFails:   {chance: true},
	LookFails:       {chance: true},
	InstanceJoins:   {count: true},
	InstanceLeave:   {instances: true},
	CrashLoop:       {version: true, instances: true, chance: true, magnitude: mayHave},
	Hang:            {version: true, instances: true},
	InstallHangs:    {version: true, instances: true, chance: true},
	InstallHalfDone: {version: true, instances: true, chance: true},
	ProbesFlaky:     {version: true, instances: true, magnitude: mayHave},
	ProbesStuck:     {version: true, instances: true},
	Drift:           {version: true, instances: true, chance: true},
	CapacityLost:    {version: true, instances: true, chance: true},
	SlowCall:        {version: true, chance: true, magnitude: mayHave},
	DuplicateCall:   {version: true, chance: true},
	PartialCall:     {version: true, chance: true},
	HalfSwitch:      {chance: true},
	Surge:           {magnitude: mayHave},
	HotTenant:       {tenants: true, magnitude: mayHave},
	NoisyMinute:     {version: true, instances: true, magnitude: mayHave},
	GrayFailure:     {version: true, instances: true, magnitude: mayHave},
	MetricsLate:     {magnitude: mayHave},
	MetricsStale:    {},
	MetricsTwice:    {version: true},
	CounterReset:    {version: true},
	ClockJump:       {magnitude: mayHave},
}

// Heeded is f without what its kind does not heed.
func (f Fault) Heeded() Fault {
	h := heeds[f.Kind]
	if !h.version {
		f.Version = ""
	}
	if !h.instances {
		f.Instances = nil
	}
	if !h.tenants {
		f.Tenants, f.TenantShare = nil, 0
	}
	if !h.chance {
		f.Probability, f.Times = 0, 0
	}
	if h.magnitude == without {
		f.Magnitude = 0
	}
	if !h.count {
		f.Count = 0
	}
	return f
}

// unheeded names what is said of f and its kind does not heed, and the magnitude that
// it needs and has not.
func (f Fault) unheeded(p *problems, path string) {
	h, known := heeds[f.Kind]
	if !known {
		return // which is said already
	}
	for _, s := range []struct {
		key         string
		said, heeds bool
	}{
		{"version", f.Version != "", h.version},
		{"instances", f.Instances != nil, h.instances},
		{"tenants", f.Tenants != nil, h.tenants},
		{"tenant_share", f.TenantShare != 0, h.tenants},
		{"probability", f.Probability != 0, h.chance},
		{"times", f.Times != 0, h.chance},
		{"magnitude", f.Magnitude != 0, h.magnitude != without},
		{"count", f.Count != 0, h.count},
	} {
		if s.said && !s.heeds {
			p.add(path+s.key, "", "says nothing about "+string(f.Kind)+", which does not heed it")
		}
	}
	if h.magnitude == mustHave && f.Magnitude == 0 {
		p.add(path+"magnitude", "", "is needed: without one, "+string(f.Kind)+" does nothing")
	}
}

// NoZero has, for the figures of a behaviour that are 0 where nothing is said of them,
// why a 0 that is written is refused: it would be taken for what it is not.
func (Behaviour) NoZero() map[string]string {
	return map[string]string{
		"cold_latency_factor":       "is not in 1..1000: leave it out for 1",
		"overload_latency_factor":   "is not in 1..1000: leave it out for 1",
		"novelty_conversion_factor": "is not in 0.001..1000: leave it out for 1",
		"novelty_satisfaction":      "is not in 1..5: leave it out for what it is ever after",
		"leak_seconds":              "is not above 0: leave it out for a version that does not leak",
		"overload_above":            "is not above 0: leave it out for a version that takes any number of requests",
	}
}

// NoZero has the same for what is said of a fault of f's kind.
func (f Fault) NoZero() map[string]string {
	rules := map[string]string{
		"to_seconds":   "is not after from_seconds, " + number(f.FromSeconds) + ": leave it out for a fault without end",
		"tenant_share": "is nobody: leave it out for all tenants",
		"probability":  "is never: leave it out for always",
		"times":        "is never: leave it out for no limit",
	}
	switch heeds[f.Kind].magnitude {
	case mustHave: // its lack is a problem of its own
	case mayHave:
		rules["magnitude"] = "is not above 0: leave it out for " + number(usual[f.Kind])
	case without:
		rules["magnitude"] = "says nothing about " + string(f.Kind) + ", which does not heed it"
	}
	return rules
}
