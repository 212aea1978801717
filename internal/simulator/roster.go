package simulator

import (
	"math"
	"strconv"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// roster is what is known of the tenants from the configuration and the seed
// alone. It is never saved.
type roster struct {
	ids     []string  // sorted
	grade   []uint8   // position in weights
	rank    []int32   // order in which a tenant is dealt to instances
	dealt   []int32   // tenants by rank
	weights []float64 // per grade
	total   float64   // weight of all tenants
	temper  []uint8   // position in factors
	factors []float64 // on the error rate; their mean is 1
	appeal  []uint8   // position in appeals; nil where all are alike
	appeals []float64 // on the conversion rate; their mean is 1
	seed    uint64    // of the world
}

// quantiles are standard normal variates at the middles of sixteen equal parts:
// tenants of these grades are spread as a normal sample would be, without chance.
var quantiles = [16]float64{
	-1.8627, -1.318, -1.01, -0.7764, -0.5791, -0.4023, -0.2372, -0.0784,
	0.0784, 0.2372, 0.4023, 0.5791, 0.7764, 1.01, 1.318, 1.8627,
}

// enrol makes the roster of w's tenants: as many of each grade as of any other, in
// an order that the seed gives.
func (w *World) enrol() {
	n := w.cfg.Tenants
	w.roster.seed = chance.Mix(uint64(w.cfg.Seed)) ^ chance.Mix(chance.Key(string(w.env))+1) ^ chance.Mix(chance.Key(w.plugin)+2)
	r := roster{seed: w.roster.seed, ids: make([]string, n), grade: make([]uint8, n), rank: make([]int32, n), dealt: make([]int32, n)}
	for _, q := range quantiles {
		weight := chance.Exp(float64(w.cfg.TenantSpread * q))
		r.weights = append(r.weights, math.Round(weight*1e6)/1e6)
	}
	r.name()
	for t := range n {
		r.dealt[t] = int32(t)
	}
	shuffle := func(p chance.Purpose) {
		s := chance.StreamOf(w.seed(), p)
		for i := n - 1; i > 0; i-- {
			j := s.Below(uint64(i + 1))
			r.dealt[i], r.dealt[j] = r.dealt[j], r.dealt[i]
		}
	}
	r.factors = factorsOf(w.cfg.TenantErrorSpread)
	r.temper = make([]uint8, n)
	shuffle(chance.ForTempers)
	for i, t := range r.dealt {
		r.temper[t] = uint8(i % len(r.factors))
	}
	r.enrolAppeals(w.cfg.TenantConversionSpread, shuffle)
	shuffle(chance.ForWeights)
	for i, t := range r.dealt {
		r.grade[t] = uint8(i % len(quantiles))
		r.total += r.weights[r.grade[t]]
	}
	shuffle(chance.ForRanks)
	r.dealt = r.heaviestFirst()
	for i, t := range r.dealt {
		r.rank[t] = int32(i)
	}
	w.roster = r
}

// name gives the tenants their ids, all cut from one text.
func (r *roster) name() {
	const prefix = "tenant-"
	width := len(strconv.Itoa(len(r.ids)))
	text := make([]byte, 0, len(r.ids)*(len(prefix)+width))
	for t := range r.ids {
		digits := strconv.AppendInt(nil, int64(t+1), 10)
		text = append(text, prefix...)
		for range width - len(digits) {
			text = append(text, '0')
		}
		text = append(text, digits...)
	}
	all, size := string(text), len(prefix)+width
	for t := range r.ids {
		r.ids[t] = all[t*size : (t+1)*size]
	}
}

// heaviestFirst is dealt by falling grade.
func (r *roster) heaviestFirst() []int32 {
	var upTo [len(quantiles)]int // of those that are heavier
	for _, grade := range r.grade {
		for lighter := range grade {
			upTo[lighter]++
		}
	}
	sorted := make([]int32, len(r.dealt))
	for _, t := range r.dealt {
		at := &upTo[r.grade[t]]
		sorted[*at] = t
		*at++
	}
	return sorted
}

// factorsOf are factors on a rate that differ by a spread, as many tenants having one
// as any other.
func factorsOf(spread float64) []float64 {
	if spread == 0 {
		return []float64{1}
	}
	var factors []float64
	sum := 0.0
	for i := 0; i < len(quantiles); i += 2 { // every other grade will do
		f := chance.Exp(float64(spread * (quantiles[i] + quantiles[i+1]) / 2))
		factors = append(factors, f)
		sum += f
	}
	for i := range factors {
		factors[i] = math.Round(factors[i]/sum*float64(len(factors))*1e6) / 1e6
	}
	return factors
}

// weight is the share of the traffic of tenant t, relative to the others'.
func (r *roster) weight(t int) float64 { return r.weights[r.grade[t]] }

// find is the position of the tenant with an id.
func (r *roster) find(id string) (int, bool) {
	digits, ok := strings.CutPrefix(id, "tenant-")
	t, err := strconv.Atoi(digits)
	if !ok || err != nil || t < 1 || t > len(r.ids) || r.ids[t-1] != id {
		return 0, false
	}
	return t - 1, true
}

// deal says which of n hands the card of a rank goes to: forth and back, so that
// every hand has as many cards, and the heavy ones are spread.
func deal(rank int32, n int) int {
	k := int(rank) % (2 * n)
	if k < n {
		return k
	}
	return 2*n - 1 - k
}

// seed is the seed of w's world: that of the configuration, the environment and
// the plugin.
func (w *World) seed() uint64 { return w.roster.seed }
