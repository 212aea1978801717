package traffic

import (
	"slices"
	"time"
)

// second in the unit of a fleet's clock.
const second = int64(time.Second)

// Fleet is what traffic needs to know of the fleet that serves it.
type Fleet interface {
	// Time is what the fleet's clock says, in ns since its start.
	Time() int64
	// Name is what a version is called whose number is known.
	Name(version uint16) string
	// ConversionRate is the one that a version has as a rule, see Service.
	ConversionRate(version uint16) float64
	// Gaps are the times of which samples are missing or wrong.
	Gaps() []Gap
}

// Config says what the tenants of a fleet send, and what is told of it.
type Config struct {
	Seed  uint64
	Epoch time.Time // when the fleet's clock starts

	Tenants int // that are there at a time
	// TenantWeights are those of the first tenants, and TenantSpread the deviation of the
	// logarithm of the others' weights.
	TenantWeights []float64
	TenantSpread  float64
	TenantChurn   float64 // share of the tenants that a day replaces by others, 0..1
	// Deviations of the logarithms of factors, with mean 1, by which the tenants' error and
	// conversion rates, and the minutes' error rates, differ from what is usual.
	TenantErrorSpread, TenantConversionSpread, MinuteNoise float64
	DailySwing                                             float64 // share of the requests that come and go with the day, 0..1
	DailyPeakHour                                          float64 // when there are the most, 0..24

	Instances  int           // that count requests, at first
	Resolution time.Duration // between two scrapes of what they counted; 0: it is known at once
	Delay      time.Duration // of samples
	Bounds     []float64     // ms, the only ones that latencies are counted against; nil: any
	Partial    bool          // not all instances report what they counted
	Resets     float64       // of an instance's counters, an hour
	Missing    float64       // share of the scrapes that are lost, 0..0.9
}

// Flow is the traffic of one fleet. It is not safe for concurrent use.
type Flow struct {
	fleet   Fleet
	cfg     Config
	routing *Routing
	roster  Roster
	classes []Class
	ledger  ledger
	scrapes *scrapes // nil: requests are counted as they happen
	grain   int64    // how long windows are that begin long after a change
	exact   bool     // what is told is what happened, as far as the fleet lets it
	whole   bool     // the ledger has what happened, whatever is told of it
	each    bool     // requests are drawn one by one, see DrawEachRequest
	singled bool     // there was a class of tenants whom something strikes that spares others
}

// New is the traffic of a fleet that has served it so: routing is the fleet's, which saves
// it, and classes are those that it speaks of. The flow goes on writing it.
func New(fleet Fleet, cfg Config, routing *Routing, classes ...Class) *Flow {
	f := &Flow{fleet: fleet, routing: routing}
	for _, c := range classes {
		f.Know(c)
	}
	f.roster.enrol(&cfg)
	f.Configure(cfg)
	return f
}

// Configure gives f other settings: those that say what is told, and how the day goes. Who
// the tenants are stays as it was.
func (f *Flow) Configure(cfg Config) {
	f.cfg, f.scrapes, f.grain = cfg, nil, grainOf(cfg.Resolution)
	f.exact = !cfg.Partial && cfg.Resets == 0 && !slices.ContainsFunc(f.classes, func(c Class) bool { return c.Untold })
	if cfg.Resolution > 0 {
		f.scrapes = newScrapes(&cfg)
	}
	f.Forget() // it may be told otherwise
}

// Forget lets go of all that was drawn. Whoever asks again gets the same, but for what the
// fleet says otherwise by now.
func (f *Flow) Forget() { f.ledger.forget() }

// Roster is who the tenants are.
func (f *Flow) Roster() *Roster { return &f.roster }
