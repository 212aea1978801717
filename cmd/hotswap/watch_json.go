package main

import (
	"encoding/json"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// jsonScreen writes an object in a line for each look that shows something new.
type jsonScreen struct {
	c     *console
	shown int
	last  string
}

// seenJSON is a look at a rollout.
type seenJSON struct {
	At        time.Time         `json:"at"`
	Rollout   string            `json:"rollout"`
	Phase     engine.Phase      `json:"phase"`
	Outcome   engine.Outcome    `json:"outcome"`
	Stage     string            `json:"stage"`
	StageAt   int               `json:"stage_number"`
	Stages    int               `json:"stages"`
	Condition *engine.Condition `json:"condition"`
	WalkedBy  string            `json:"walked_by"`
	Events    []engine.Event    `json:"events"`
	Error     string            `json:"error"`
}

func (j *jsonScreen) show(w *watched, err error) {
	at, of, name := w.stage()
	s := seenJSON{Rollout: w.plan.Rollout, Phase: w.state.Phase, Outcome: w.state.Outcome, Stage: name, StageAt: at, Stages: of, WalkedBy: w.attended(), Events: []engine.Event{}}
	if w.condition != nil {
		c := *w.condition
		c.At = time.Time{}
		s.Condition = &c
	}
	if err != nil {
		s.Error = err.Error()
	}
	s.Events = append(s.Events, w.events[j.shown:]...)
	text := inJSON(s)
	if text == j.last {
		return
	}
	s.At, j.shown = w.now, len(w.events)
	full := s
	full.Condition = w.condition
	j.c.print("%s\n", inJSON(full))
	s.At, s.Events = time.Time{}, []engine.Event{}
	j.last = inJSON(s)
}

// inJSON is s in JSON. Times of fleets that cannot be are refused before.
func inJSON(s seenJSON) string {
	text, err := json.Marshal(s)
	if err != nil {
		return "{}"
	}
	return string(text)
}
