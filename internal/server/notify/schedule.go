package notify

import (
	"crypto/rand"
	"math/big"
	"time"
)

// waits are those before each attempt after the first one, as Standard Webhooks has them:
// three days in all.
var waits = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// mostAfter is how long a receiver may put an attempt off.
const mostAfter = 24 * time.Hour

// next is when to try again after so many attempts; false: never. after is what the receiver
// asked for.
func next(now time.Time, attempts int, after time.Duration) (time.Time, bool) {
	if attempts > len(waits) {
		return time.Time{}, false
	}
	wait := jitter(waits[max(0, attempts-1)])
	return now.Add(max(wait, min(after, mostAfter))), true
}

// jitter lengthens a wait by up to a tenth, so that what failed together is not tried again
// together.
func jitter(d time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(max(1, d/10))))
	if err != nil {
		return d
	}
	return d + time.Duration(n.Int64())
}
