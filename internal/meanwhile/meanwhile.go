// Package meanwhile works a value out beside what follows, where there is a second processor and
// the value takes long. Nothing happens in that work: it reads what nobody changes until it is
// done, and changes nothing but what it gives. So whoever waits for it gets the same, whenever a
// scheduler has it done, and the engine and the simulator stay as repeatable as they are without.
// internal/arrows says which files may.
package meanwhile

import "sync"

// Do begins work, and gives what waits for what it comes to: every call of that gives the same.
func Do[T any](work func() T) (wait func() T) {
	done := make(chan T, 1)
	go func() { done <- work() }()
	return sync.OnceValue(func() T { return <-done })
}

// Few is how many things are too few to be shared: what that takes is soon done.
const Few = 1 << 15

// Halves does work on each half of n things, [from, to), one beside the other, or on all of them
// where they are few. What it does to one thing has nothing to do with the others.
func Halves(n int, work func(from, to int)) {
	if n < Few {
		work(0, n)
		return
	}
	first := Do(func() bool { work(0, n/2); return true })
	work(n/2, n)
	first()
}
