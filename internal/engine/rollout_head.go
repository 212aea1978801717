package engine

import "time"

// RolloutHead is what a store may know of a rollout without the machine: enough to
// list it, and to hold the rules of [Journals].
type RolloutHead struct {
	Ordinal     int64       `json:"ordinal"` // see Journal.Ordinal
	Rollout     string      `json:"rollout"`
	Environment Environment `json:"environment"`
	Plugin      string      `json:"plugin"`
	Baseline    string      `json:"baseline,omitempty"`
	Candidate   string      `json:"candidate,omitempty"`
	Restores    string      `json:"restores,omitempty"` // see Plan.Restores
	Phase       Phase       `json:"phase"`
	Outcome     Outcome     `json:"outcome,omitempty"`
	Stage       string      `json:"stage"`          // by its name
	Began       time.Time   `json:"began,omitzero"` // with the first event
	// Wake is when the rollout wanted to go on after its last event; zero: never, because
	// it ended or waits for a person, or nothing happened yet. One that is long past
	// belongs to a rollout that nobody walks.
	Wake   time.Time `json:"wake,omitzero"`
	Events int64     `json:"events"` // how many there are
}

// HeadOf is the head of a rollout that has come to s. at is when its last event was.
func HeadOf(p *Plan, s *State, ordinal int64, at time.Time) RolloutHead {
	h := RolloutHead{
		Ordinal: ordinal, Rollout: p.Rollout, Environment: p.Spec.Environment, Plugin: p.Spec.PluginID,
		Baseline: p.Baseline, Candidate: p.Candidate, Restores: p.Restores,
	}
	h.follow(p, s, at)
	return h
}

// follow brings h to where s is.
func (h *RolloutHead) follow(p *Plan, s *State, at time.Time) {
	h.Phase, h.Outcome, h.Began, h.Events, h.Wake = s.Phase, s.Outcome, s.Started, s.Seq, time.Time{}
	if s.Stage < len(p.Stages) {
		h.Stage = p.Stages[s.Stage].Name
	} else {
		h.Stage = s.stage(p).Name
	}
	if s.Seq == 0 {
		return
	}
	h.Wake = at
	if m := s.Next(p, at); m.Kind == MoveWait {
		h.Wake = m.Until
	}
}

// Unfinished says whether no other rollout may begin yet. One that is stuck has ended,
// but it is not over.
func (h *RolloutHead) Unfinished() bool { return h.Outcome == "" || h.Outcome == Stuck }
