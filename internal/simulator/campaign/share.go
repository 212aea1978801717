package campaign

import (
	"bytes"
	"encoding/json"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Share is how often something happened, with an interval that holds the true
// probability with a confidence of 95 % (Wilson's).
type Share struct {
	Of    string
	Count int64
	Share float64
	Low   float64
	High  float64
	// Absent: there was nothing that it could have happened to. In JSON its figures are
	// null then, each of them, so that whoever reads one of them need not ask first.
	Absent bool
}

func shareOf(of string, count, runs int) Share {
	low, high := scenario.Wilson(int64(count), int64(runs))
	s := Share{Of: of, Count: int64(count), Low: low, High: high}
	if runs > 0 {
		s.Share = float64(count) / float64(runs)
	}
	return s
}

// shareFigures are a share as JSON.
type shareFigures struct {
	Count *int64   `json:"count"`
	Share *float64 `json:"share"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

func (s *Share) figures() shareFigures {
	if s.Absent {
		return shareFigures{}
	}
	return shareFigures{&s.Count, &s.Share, &s.Low, &s.High}
}

// MarshalJSON writes the figures of s.
func (s Share) MarshalJSON() ([]byte, error) { return json.Marshal(s.figures()) }

// Outcomes are how often a campaign ended in each way, in the order of
// [scenario.Endings]. In JSON they are an object.
type Outcomes []Share

// MarshalJSON writes an object with the endings as its keys.
func (o Outcomes) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, s := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for _, v := range []any{s.Of, s} {
			data, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			b.Write(data)
			if v == any(s.Of) {
				b.WriteByte(':')
			}
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Effect is how often a part of a scenario took effect.
type Effect struct {
	Path string // as faults[0]
	What string
	Share
	never string
}

// MarshalJSON writes e and the figures of its share.
func (e Effect) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Path string `json:"path"`
		What string `json:"what"`
		shareFigures
	}{e.Path, e.What, e.figures()})
}

// Never says that e never took effect; "" where it did.
func (e *Effect) Never() string {
	if e.Count > 0 {
		return ""
	}
	return e.never
}

// effectsOf counts how often each part took effect. Runs that could not be planned have
// none.
func effectsOf(outcomes []outcome) []Effect {
	effects := []Effect{}
	counts := map[int]int{}
	for _, o := range outcomes {
		for i, p := range o.parts {
			if i == len(effects) {
				effects = append(effects, Effect{Path: p.Path, What: p.What})
			}
			if p.TookEffect {
				counts[i]++
			} else {
				effects[i].never = p.String()
			}
		}
	}
	for i := range effects {
		effects[i].Share = shareOf("took effect", counts[i], len(outcomes))
	}
	return effects
}
