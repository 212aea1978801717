package engine

import (
	"encoding/json"
	"fmt"
)

// Warning is something that a user should know before saying yes to a plan.
type Warning struct {
	Problem string // in a few words, as a title has it: "too little traffic"
	Detail  string // a sentence with the numbers, and what to do
}

// String is the warning in one line.
func (w Warning) String() string {
	if w.Problem == "" {
		return w.Detail
	}
	return w.Problem + ": " + w.Detail
}

// MarshalJSON writes an object, or the sentence alone where there is no title, as in
// plans of format 1: their digests stay what they were.
func (w Warning) MarshalJSON() ([]byte, error) {
	if w.Problem == "" {
		return json.Marshal(w.Detail)
	}
	return json.Marshal(struct {
		Problem string `json:"problem"`
		Detail  string `json:"detail"`
	}(w))
}

// UnmarshalJSON reads either form.
func (w *Warning) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*w = Warning{}
		return json.Unmarshal(data, &w.Detail)
	}
	var object struct{ Problem, Detail string }
	err := json.Unmarshal(data, &object)
	*w = Warning(object)
	return err
}

func (c *compiler) warnf(problem, format string, args ...any) {
	c.plan.Warnings = append(c.plan.Warnings, Warning{problem, fmt.Sprintf(format, args...)})
}
