package simulator

import "math/bits"

// purpose says what a stream of random numbers is for. Each purpose of each
// entity has a stream of its own, so that a new one never shifts another. The
// numbers are part of what a seed means and never change.
type purpose uint64

const (
	forWeights  purpose = 1  // order of the tenants' weights
	forRanks    purpose = 2  // order in which tenants are dealt to instances
	forRequests purpose = 3  // requests per class and window
	forOutcomes purpose = 4  // timeouts, conversions, sums per class and window
	forErrors   purpose = 5  // errors per class and window
	forLatency  purpose = 6  // latencies per class and window
	forLoad     purpose = 7  // CPU and memory per version and window
	forInstalls purpose = 8  // whether an install fails
	forFaults   purpose = 9  // whether a fault strikes
	forSmoke    purpose = 10 // whether a smoke test fails
	forTargets  purpose = 11 // which tenants a fault concerns
	forSwarm    purpose = 12 // what a random scenario is made of
	forTempers  purpose = 15 // which tenants err more than others
	forMinutes  purpose = 16 // how minutes differ
	forTurns    purpose = 14 // in which order the tenants of a class send
	forAccounts purpose = 17 // which tenants everything but errors hits, and their sums
	forAppeals  purpose = 18 // which tenants convert more often than others
	forGrid     purpose = 19 // latencies between the bounds of a question
	forCoverage purpose = 20 // which instances report
	forScrapes  purpose = 21 // when counters are read, and which times they are not
	forResets   purpose = 22 // when counters begin anew, and what is lost
)

// stream is a generator of random numbers, splitmix64: take one from streamOf. Most
// streams give a few numbers only, so that it is to begin quickly and to be small.
// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.)
type stream struct{ at uint64 }

// golden is 2^64 divided by the golden ratio, made odd: what a stream steps by.
const golden = 0x9e3779b97f4a7c15

// streamOf is the stream of an entity, named by keys, for a purpose. It depends on
// nothing else: the same stream can be had again at any time, and nothing of it
// needs to be saved.
func streamOf(seed uint64, p purpose, keys ...uint64) stream {
	h := mix(seed ^ uint64(p)*golden)
	for _, k := range keys {
		h = mix(h ^ mix(k))
	}
	return stream{h}
}

// word draws 64 random bits.
func (s *stream) word() uint64 {
	s.at += golden
	return mix(s.at)
}

// unit draws a number from 0 to 1, less than 1.
func (s *stream) unit() float64 { return float64(float64(s.word()>>11) * 0x1p-53) }

// below draws a number from 0 to n-1, each as likely; n is at least 1.
func (s *stream) below(n uint64) uint64 {
	for {
		hi, lo := bits.Mul64(s.word(), n)
		if lo >= n || lo >= -n%n {
			return hi
		}
	}
}

// happens draws whether something of a chance, a share of 2^64, happens.
func (s *stream) happens(chance uint64) bool {
	return chance == certain || s.word() < chance
}

// mix is a bijection of 64-bit words that leaves no pattern (the finaliser of
// splitmix64).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// name turns a name into a key for streamOf (FNV-1a).
func name(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}
