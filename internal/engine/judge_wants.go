package engine

// Wanter is a judge that needs more counted than its gate asks for.
type Wanter interface {
	// Wants says what to count of each arm in every look, beside what the gate needs.
	Wants() (candidate, baseline Want)
}

// askFor adds to q what a judge wants besides.
func (q *Question) askFor(j Judge) {
	if w, ok := j.(Wanter); ok {
		candidate, baseline := w.Wants()
		q.Candidate, q.Baseline = q.Candidate|candidate, q.Baseline|baseline
	}
}
