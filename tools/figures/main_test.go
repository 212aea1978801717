package main

import (
	"strings"
	"testing"
)

// TestRenew holds that what stands between the comments is written anew, from one run of each
// command, and nothing else.
func TestRenew(t *testing.T) {
	runs := 0
	r := renewer{said: map[string]string{}, run: func(args []string) (string, error) {
		runs++
		return "### One of " + args[1] + "\n\n| a |\n\n### Two\n\n| b |\n", nil
	}}
	const guide = "before\n<!-- figures: hotswap prove --hard | Two -->\nold\n<!-- /figures -->\nbetween\n" +
		"<!-- figures: hotswap prove --hard | One of --hard -->\n<!-- /figures -->\nafter\n"
	got, err := r.renew(guide)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(strings.Replace(guide, "old", "| b |", 1), "One of --hard -->\n", "One of --hard -->\n| a |\n", 1)
	if got != want || runs != 1 {
		t.Errorf("%d runs\n%s", runs, got)
	}
	if again, err := r.renew(got); err != nil || again != got {
		t.Errorf("renewed again it is another: %v\n%s", err, again)
	}
	if _, err := r.renew("<!-- figures: hotswap prove --hard | Three -->\n<!-- /figures -->"); err == nil {
		t.Error("a part that is not there is found")
	}
}
