package engine

import "fmt"

// RolloutID is the id of the n-th rollout of a plugin in an environment, as in
// "stripe-production-1".
func RolloutID(e Environment, plugin string, n int64) string {
	between := "-"
	if !e.IsKind() { // whose names may have dashes, which would not tell where they begin
		between = "@"
	}
	return fmt.Sprintf("%s%s%s-%d", lower(plugin), between, lower(string(e)), n)
}

// lower is s with A to Z in lower case.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
