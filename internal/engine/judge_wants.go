package engine

// Wanter is a judge that needs more counted than its gate asks for.
type Wanter interface {
	// Wants says what to count of each arm in every look, beside what the gate needs.
	Wants() (candidate, baseline Want)
}
