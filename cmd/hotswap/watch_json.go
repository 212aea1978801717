package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// jsonScreen writes an object in a line for each look that shows something new.
type jsonScreen struct {
	c       *console
	last    string
	waiting []engine.Event // that were read by looks that failed
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
	Verdict   *engine.Verdict   `json:"verdict"` // what the gate would say now; null: nothing is watched
	WalkedBy  string            `json:"walked_by"`
	Events    []engine.Event    `json:"events"`
	Error     string            `json:"error"`
}

func (j *jsonScreen) show(d *contract.Detail, events []engine.Event, err error) {
	j.waiting = append(j.waiting, events...)
	s := seenJSON{Events: []engine.Event{}}
	if d != nil {
		s.Rollout, s.Phase, s.Outcome, s.Stage, s.StageAt, s.Stages = d.ID, engine.Phase(d.Phase), engine.Outcome(d.Outcome), d.Stage.Name, d.Stage.Number, d.Stage.Of
		s.WalkedBy = walkedBy(&d.Rollout)
		if d.Now != nil && d.Now.Condition != nil {
			c := *d.Now.Condition
			c.At = time.Time{}
			s.Condition = &c
		}
		if d.Now != nil {
			s.Verdict = d.Now.Verdict
		}
	}
	if err != nil {
		s.Error = err.Error()
	}
	text := inJSON(s)
	if text == j.last && len(j.waiting) == 0 {
		return
	}
	j.last = text
	if s.Events = append(s.Events, j.waiting...); d != nil {
		s.At = d.At
	}
	if s.Condition != nil {
		s.Condition = d.Now.Condition
	}
	j.waiting = nil
	_, _ = fmt.Fprintln(j.c.out, inJSON(s)) // what cannot be written is noticed at the end
}

// inJSON is s in JSON. Times of fleets that cannot be are refused before.
func inJSON(s seenJSON) string {
	text, err := json.Marshal(s)
	if err != nil {
		return "{}"
	}
	return string(text)
}
