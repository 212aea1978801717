package traffic

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Roster is what is known of the tenants from the configuration and the seed alone.
// Tenants go by their numbers, from 0 on, in the order of their ids. It is never saved.
type Roster struct {
	ids     names     // sorted
	grade   []uint16  // position in weights
	rank    []int32   // order in which a tenant is dealt to instances
	dealt   []int32   // tenants by rank
	weights []float64 // per grade, rising
	law     uint64    // says which they are
	total   float64   // weight of all tenants
	usual   float64   // weight of those that are there at a time
	rounds  []int64   // see comings; nil: nobody comes or goes
	stay    int64     // see Config.stay
	temper  []uint8   // position in tempers; nil where all are alike
	tempers graded    // on the error rate
	appeal  []uint8   // position in appeals; nil where all are alike
	appeals graded    // on the conversion rate
	room    dealing   // in which requests are dealt to them
}

// enrol fills r with the tenants of a configuration, in an order that the seed gives.
func (r *Roster) enrol(cfg *Config) {
	n := cfg.Everybody()
	r.ids, r.rank, r.dealt = namesOf(n), make([]int32, n), make([]int32, n)
	for t := range n {
		r.dealt[t] = int32(t)
	}
	shuffle := func(p chance.Purpose) []int32 {
		s := chance.StreamOf(cfg.Seed, p)
		for i := n - 1; i > 0; i-- {
			j := s.Below(uint64(i + 1))
			r.dealt[i], r.dealt[j] = r.dealt[j], r.dealt[i]
		}
		return r.dealt
	}
	r.tempers = factorsOf(cfg.TenantErrorSpread, n)
	r.temper = r.tempers.dealt(shuffle(chance.ForTempers))
	r.appeals = factorsOf(cfg.TenantConversionSpread, n)
	if len(r.appeals.values) > 1 {
		r.appeal = r.appeals.dealt(shuffle(chance.ForAppeals))
	}
	if cfg.TenantChurn > 0 {
		r.rounds, r.stay = cfg.comings(shuffle(chance.ForChurn)), cfg.stay()
	}
	r.weigh(cfg, shuffle(chance.ForWeights))
	shuffle(chance.ForRanks)
	r.dealt, r.rank = r.heaviestFirst(r.rank), r.dealt // in each other's room
	for i, t := range r.dealt {
		r.rank[t] = int32(i)
	}
}

// weigh gives the tenants their weights: the first ones those that are listed, and the
// others, in that order, what is usual.
func (r *Roster) weigh(cfg *Config, order []int32) {
	listed, n := cfg.TenantWeights, len(order)
	sizes := grading(n-len(listed), 16)
	usual := logNormal(cfg.TenantSpread, sizes)
	r.weights = slices.Concat(listed, usual)
	slices.Sort(r.weights)
	r.weights = slices.Compact(r.weights)
	for _, weight := range r.weights {
		r.law = chance.Mix(r.law ^ math.Float64bits(weight))
	}
	r.grade = make([]uint16, n)
	gradeOf := func(weight float64) uint16 {
		g, _ := slices.BinarySearch(r.weights, weight)
		return uint16(g)
	}
	for t, weight := range listed {
		r.grade[t] = gradeOf(weight)
	}
	g, left := -1, 0
	grade := uint16(0)
	for _, t := range order {
		if int(t) < len(listed) {
			continue
		}
		for left == 0 {
			g++
			left, grade = sizes[g], gradeOf(usual[g])
		}
		r.grade[t] = grade
		left--
	}
	for t := range r.grade {
		weight := r.Weight(t)
		if r.total += weight; t < len(listed) {
			r.usual += weight
		}
	}
	if n > len(listed) {
		r.usual += float64((r.total - r.usual) * float64(cfg.Tenants-len(listed)) / float64(n-len(listed)))
	}
}

// names are the ids of tenants, all cut from one text.
type names struct {
	text string
	size int // of each
}

const namesBegin = "tenant-"

// namesOf are those of n tenants.
func namesOf(n int) names {
	width := len(strconv.Itoa(n))
	var text strings.Builder
	text.Grow(n * (len(namesBegin) + width))
	var digits []byte
	for t := range n {
		digits = strconv.AppendInt(digits[:0], int64(t+1), 10)
		text.WriteString(namesBegin)
		for range width - len(digits) {
			text.WriteByte('0')
		}
		text.Write(digits)
	}
	return names{text.String(), len(namesBegin) + width}
}

func (n names) len() int { return len(n.text) / n.size }

// of is the id of tenant t.
func (n names) of(t int) string { return n.text[t*n.size : (t+1)*n.size] }

// heaviestFirst is dealt by falling grade, in some room.
func (r *Roster) heaviestFirst(sorted []int32) []int32 {
	upTo := make([]int, len(r.weights)) // of those that are heavier
	for _, grade := range r.grade {
		upTo[grade]++
	}
	heavier := 0
	for grade := len(upTo) - 1; grade >= 0; grade-- {
		heavier, upTo[grade] = heavier+upTo[grade], heavier
	}
	for _, t := range r.dealt {
		at := &upTo[r.grade[t]]
		sorted[*at] = t
		*at++
	}
	return sorted
}

// Len is how many tenants there ever are.
func (r *Roster) Len() int { return r.ids.len() }

// ID is what tenant t is called.
func (r *Roster) ID(t int) string { return r.ids.of(t) }

// Rank is the place of tenant t in the order in which they are dealt to instances.
func (r *Roster) Rank(t int) int32 { return r.rank[t] }

// Total is the weight of all tenants.
func (r *Roster) Total() float64 { return r.total }

// Weight is the share of the traffic of tenant t, relative to the others'.
func (r *Roster) Weight(t int) float64 { return r.weights[r.grade[t]] }

// Find is the tenant with an id; false: there is none.
func (r *Roster) Find(id string) (int, bool) {
	digits, ok := strings.CutPrefix(id, namesBegin)
	t, err := strconv.Atoi(digits)
	if !ok || err != nil || t < 1 || t > r.ids.len() || r.ids.of(t-1) != id {
		return 0, false
	}
	return t - 1, true
}
