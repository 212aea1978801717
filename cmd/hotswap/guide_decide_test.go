package main

import (
	"strings"
	"testing"
)

// TestGuideOfDeciding follows the guide "Decide" on a server that it starts, and is told what it
// says that one is told. What it does with Terraform, the provider's tests do.
func TestGuideOfDeciding(t *testing.T) {
	r := newReader(t, "templates/guides/decide.md.tmpl")
	said := r.does(r.fenced("console")[0])
	r.serves("rollouts/hotswap.yaml")
	for _, block := range r.fenced("console")[1:] {
		if !strings.HasPrefix(block, "terraform") {
			said += r.does(block)
		}
	}
	told := 0
	for line := range strings.SplitSeq(r.guide, "\n") {
		line, quoted := strings.CutPrefix(line, "    ")
		if !quoted || !strings.HasPrefix(line, "hotswap: ") && !strings.HasPrefix(line, "fraud-rules-qa-1: ") && !strings.HasPrefix(line, "stage ") {
			continue
		}
		told++
		if !strings.Contains(said, line+"\n") {
			t.Errorf("nobody is told\n%s\nin\n%s", line, said)
		}
	}
	if told < 5 {
		t.Errorf("the guide quotes %d lines", told)
	}
}
