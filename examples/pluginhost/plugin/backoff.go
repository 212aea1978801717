package plugin

import "time"

// How long is waited before something that went away is started again.
const (
	firstWait = 100 * time.Millisecond
	longWait  = 5 * time.Second
	calm      = 10 * time.Second
)

// Backoff is how long to wait before something is started again: 100 ms, doubling to 5 s.
// Of what ran for 10 s it is forgotten how often it had to be started before.
type Backoff struct{ next time.Duration }

// After is how long to wait where it had run for so long.
func (b *Backoff) After(ran time.Duration) time.Duration {
	if b.next == 0 || ran >= calm {
		b.next = firstWait
	}
	wait := b.next
	b.next = min(2*wait, longWait)
	return wait
}
