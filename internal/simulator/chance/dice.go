package chance

// Dice are random numbers for whoever makes worlds up. The same seed throws the
// same.
type Dice struct{ s Stream }

// NewDice are the dice of a seed.
func NewDice(seed uint64) *Dice { return &Dice{StreamOf(seed, ForSwarm)} }

// Below throws a number from 0 to n-1, each as likely; n is at least 1.
func (d *Dice) Below(n int) int { return int(d.s.Below(uint64(n))) }

// Maybe throws true in so many percent of the throws.
func (d *Dice) Maybe(percent int) bool { return d.Below(100) < percent }
