package meanwhile

import "testing"

// What waits gives what the work came to, as often as it is asked, and the work is done once.
func TestDo(t *testing.T) {
	for range 100 {
		times, begin := 0, make(chan bool)
		wait := Do(func() int {
			<-begin // which does not come before Do is over
			times++
			return 7 * times
		})
		close(begin)
		if a, b := wait(), wait(); a != 7 || b != 7 {
			t.Fatalf("%d and then %d, and not 7", a, b)
		}
	}
}

// Both halves are worked on, once each, and all is done in the end.
func TestHalves(t *testing.T) {
	for _, n := range []int{0, 1, Few - 1, Few, Few + 1, 5 * Few} {
		times := make([]int, n)
		Halves(n, func(from, to int) {
			for i := from; i < to; i++ {
				times[i]++
			}
		})
		for i, k := range times {
			if k != 1 {
				t.Fatalf("%d of %d is worked on %d times", i, n, k)
			}
		}
	}
}
