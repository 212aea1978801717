package chance

import "math/bits"

// Purpose says what a stream of random numbers is for. Each purpose of each
// entity has a stream of its own, so that a new one never shifts another. The
// numbers are part of what a seed means and never change.
type Purpose uint64

// The purposes.
const (
	ForWeights  Purpose = 1  // order of the tenants' weights
	ForRanks    Purpose = 2  // order in which tenants are dealt to instances
	ForRequests Purpose = 3  // requests per class and cell
	ForOutcomes Purpose = 4  // conversions, sums per class and window
	ForErrors   Purpose = 5  // errors per cell and class
	ForLatency  Purpose = 6  // latencies per class and window
	ForLoad     Purpose = 7  // CPU and memory per version and window
	ForInstalls Purpose = 8  // whether an install fails
	ForFaults   Purpose = 9  // whether a fault strikes
	ForSmoke    Purpose = 10 // whether a smoke test fails
	ForTargets  Purpose = 11 // which tenants a fault concerns
	ForSwarm    Purpose = 12 // what a random scenario is made of
	ForTempers  Purpose = 15 // which tenants err more than others
	ForMinutes  Purpose = 16 // how minutes differ
	ForTurns    Purpose = 14 // in which order the tenants of a class send
	ForAccounts Purpose = 17 // which tenants everything but errors hits, and their sums
	ForAppeals  Purpose = 18 // which tenants convert more often than others
	ForGrid     Purpose = 19 // latencies between the bounds of a question
	ForCoverage Purpose = 20 // which instances report
	ForScrapes  Purpose = 21 // when counters are read, and which times they are not
	ForResets   Purpose = 22 // when counters begin anew, and what is lost
	ForChurn    Purpose = 25 // when tenants come and go
	ForTimeouts Purpose = 24 // timeouts per class and cell
	ForMoments  Purpose = 23 // when in a cell of the grid its requests come
)

// Stream is a generator of random numbers, splitmix64: take one from StreamOf. Most
// streams give a few numbers only, so that it is to begin quickly and to be small.
// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.)
type Stream struct{ at uint64 }

// Golden is 2^64 divided by the golden ratio, made odd: what a stream steps by.
const Golden = 0x9e3779b97f4a7c15

// StreamOf is the stream of an entity, named by keys, for a purpose. It depends on
// nothing else: the same stream can be had again at any time, and nothing of it
// needs to be saved.
func StreamOf(seed uint64, p Purpose, keys ...uint64) Stream {
	h := Mix(seed ^ uint64(p)*Golden)
	for _, k := range keys {
		h = Mix(h ^ Mix(k))
	}
	return Stream{h}
}

// Word draws 64 random bits.
func (s *Stream) Word() uint64 {
	s.at += Golden
	return Mix(s.at)
}

// Unit draws a number from 0 to 1, less than 1.
func (s *Stream) Unit() float64 { return float64(float64(s.Word()>>11) * 0x1p-53) }

// Below draws a number from 0 to n-1, each as likely; n is at least 1.
func (s *Stream) Below(n uint64) uint64 {
	for {
		hi, lo := bits.Mul64(s.Word(), n)
		if lo >= n || lo >= -n%n {
			return hi
		}
	}
}

// Happens draws whether something of a chance, a share of 2^64, happens; see Of.
func (s *Stream) Happens(share uint64) bool {
	return share == Certain || s.Word() < share
}

// Mix is a bijection of 64-bit words that leaves no pattern (the finaliser of
// splitmix64).
func Mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Key turns a name into a key for [StreamOf] (FNV-1a).
func Key(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}
