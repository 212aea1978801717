package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// unwalked is a place where nobody walks rollouts.
type unwalked struct{ scripted }

func (unwalked) Attended() bool { return false }

func (unwalked) Flags() string { return " --state /var/fleets" }

// TestDecisions: a rollout that waits says what can be typed, in each phase what that allows, and
// an id that is no word of a shell in quotes.
func TestDecisions(t *testing.T) {
	stages := []contract.Stage{{Name: "10%", OnFail: "hold"}, {Name: "100%", OnFail: "hold"}, {Name: "retire", Final: true}}
	began, settled := string(engine.Began), string(engine.Settled)
	for name, c := range map[string]struct {
		phase engine.Phase
		stage int // from 1
		kinds []string
		place site
		says  []string
	}{
		"held": {engine.PhaseHeld, 1, []string{began, settled}, &scripted{}, []string{
			"promote 'p 7'  # goes on to 100%, whatever was measured", "resume 'p 7'  # tries 10% again, with new time", "rollback 'p 7'  # takes back all that it changed",
		}},
		"held by a guard": {engine.PhaseHeld, 1, []string{began}, &scripted{}, []string{"promote 'p 7'  # goes on at 10%, in spite of what held it", "resume 'p 7'", "rollback 'p 7'"}},
		"held at the last": {engine.PhaseHeld, 3, []string{began, settled}, &scripted{}, []string{
			"promote 'p 7'  # ends it, and the new version stays", "resume 'p 7'",
		}},
		"paused": {engine.PhasePaused, 2, []string{began}, &scripted{}, []string{"resume 'p 7'  # goes on at 100%", "rollback 'p 7'"}},
		"stuck":  {engine.PhaseStuck, 2, []string{began}, &scripted{}, []string{"resume 'p 7'  # tries again what it stuck at"}},
		"alone":  {engine.PhasePaused, 2, []string{began}, &unwalked{}, []string{"resume 'p 7' --state /var/fleets --wait  #", "rollback 'p 7' --state /var/fleets --wait  #"}},
		"on":     {engine.PhaseProgressing, 2, []string{began}, &scripted{}, nil},
		"over":   {engine.PhaseSucceeded, 3, nil, &scripted{}, nil},
	} {
		d := &contract.Detail{Stages: stages}
		d.ID, d.Phase, d.Generation, d.Stage = "p 7", string(c.phase), 9, contract.Place{Number: c.stage, Of: len(stages), Name: stages[c.stage-1].Name}
		for _, kind := range c.kinds {
			d.Timeline = append(d.Timeline, contract.Line{Kind: kind, Stage: c.stage - 1})
		}
		lines := decisions(d, c.place)
		if len(lines) != len(c.says) {
			t.Errorf("%s: %q", name, lines)
			continue
		}
		for i, says := range c.says {
			if !strings.HasPrefix(lines[i], "  hotswap rollout "+says) {
				t.Errorf("%s: %q does not begin with %q", name, lines[i], says)
			}
		}
		var out bytes.Buffer
		screen := &plainScreen{c: &console{out: &out}, place: c.place}
		screen.show(d, nil, nil)
		screen.show(d, nil, nil)
		if n := strings.Count(out.String(), "To decide:"); n > 1 || n == 1 != (c.says != nil) {
			t.Errorf("%s: it is said %d times:\n%s", name, n, out.String())
		}
	}
}

// TestFlagsGiven: the flags that say where a rollout is are told as they were given, all of them.
func TestFlagsGiven(t *testing.T) {
	var (
		where whereFlags
		cmd   = &cobra.Command{}
	)
	where.add(cmd)
	names := regexp.MustCompile(`(?m)^ +--([a-z-]+)`).FindAllStringSubmatch(cmd.Flags().FlagUsages(), -1)
	if len(names) != len(whereNames) {
		t.Errorf("there are %d flags, and %d are known: %s", len(names), len(whereNames), cmd.Flags().FlagUsages())
	}
	for _, name := range names {
		if !slices.Contains(whereNames, name[1]) {
			t.Errorf("--%s is not told", name[1])
		}
	}
	if got := where.given(); got != "" {
		t.Errorf("nothing was given: %q", got)
	}
	if err := cmd.ParseFlags([]string{"--endpoint", "https://a b", "--plugin=shop", "--allow-http"}); err != nil {
		t.Fatal(err)
	}
	if got := where.given(); got != " --endpoint 'https://a b' --plugin shop --allow-http=true" {
		t.Error(got)
	}
}
