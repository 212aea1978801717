package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// hours is a stopwatch that goes on for ten seconds whenever somebody looks.
func hours() func() time.Duration {
	var looked atomic.Int64
	return func() time.Duration { return time.Duration(looked.Add(10)) * time.Second }
}

// TestInterruptedTellsWhatThereIs: who waited for hours has what was played by then, in every
// form that was asked for, and nothing passes.
func TestInterruptedTellsWhatThereIs(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "canary.yaml")
	text := canary + "expect: {outcome: held, share: 0}\ntune: {runs: 10, stages: [[10, 100], [20, 100], [30, 100], [40, 100]], evaluation_periods: [1m], modes: [threshold], most_missed: 1, most_good_stopped: 1, most_false_rollback: 1}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	grid := []string{"--error-rates", "0.01,0.02,0.03", "--per-tenant", "0.1", "--spreads", "0", "--noises", "0", "--good", "--sequential"}
	for _, c := range []struct {
		args       []string
		says, unit string
	}{
		{[]string{"simulate", file, "--runs", "5000"}, "runs: 1 of", "runs"},
		{append([]string{"prove", "--runs", "600"}, grid...), "runs: 900 of", "cells"},
		{[]string{"prove", "--hard", "--cell", "churn", "--runs", "1000"}, "runs: 100 of", "runs"},
		{[]string{"prove", "--random", "30", "--runs", "8", "--seed", "5", "--strategy", "Direct"}, "cells: 6 of", "cells"},
		{[]string{"prove", "--random", "1", "--cell", "5", "--runs", "100000", "--strategy", "Direct"}, "", "runs"},
		{[]string{"prove", "tests", "--runs", "20", "--tenants", "10", "--promised"}, "runs: 48 of", "trials"},
		{[]string{"prove", "rules", "--runs", "60", "--strategy", "Direct"}, "runs: 720 of", "cells"},
		{[]string{"diff", file, file, "--runs", "600"}, "runs: 720 of", "pairs"},
		{[]string{"swarm", "--runs", "400", "--out", dir}, "worlds: 40 of", "worlds"},
		{[]string{"tune", file}, "settings: 2 of", "settings"},
	} {
		t.Run(strings.Join(c.args[:2], " ")+" "+c.unit, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			errs := &until{text: c.says, then: stop}
			var out bytes.Buffer
			figures, junit := filepath.Join(dir, "figures.json"), filepath.Join(dir, "junit.xml")
			console, to := newConsole(nil, &out, errs)
			if c.says == "" { // nothing is said of the runs of a cell
				console.timer, errs.text = hours(), "none yet"
			}
			code := console.run(ctx, append(c.args, "--json", figures, "--junit", junit), to)
			said := regexp.MustCompile(`interrupted after (\d+) of \d+ ` + c.unit + `: what follows is of those`)
			if code != exitStopped || !said.MatchString(out.String()) {
				t.Fatalf("exit code %d\n%s%s", code, out.String(), errs.all.String())
			}
			for _, claim := range []string{"all kept", "0 broken", "no:", " kept,"} {
				if strings.Contains(out.String(), claim) {
					t.Errorf("it claims %q\n%s", claim, out.String())
				}
			}
			var v struct {
				Interrupted *campaign.Interruption
				Holds       bool
			}
			data, err := os.ReadFile(figures)
			if err == nil {
				err = json.Unmarshal(data, &v)
			}
			if err != nil || v.Interrupted == nil || v.Interrupted.Unit != c.unit || v.Interrupted.Played < 1 || v.Interrupted.Played >= v.Interrupted.Of || v.Holds {
				t.Errorf("%v: %+v", err, v)
			}
			data, err = os.ReadFile(junit)
			if err != nil || !strings.Contains(string(data), "all is played") && c.args[0] != "tune" || !strings.Contains(string(data), "<failure") {
				t.Errorf("%v\n%s", err, data)
			}
		})
	}
}

// TestInterruptedGoesOn: the command that goes on with drawn cells plays those that were not.
func TestInterruptedGoesOn(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	errs := &until{text: "cells: 60 of", then: stop}
	var out bytes.Buffer
	run(ctx, []string{"prove", "--random", "200", "--cell", "7", "--seed", "5", "--runs", "8", "--strategy", "Direct", "--json", "-", "--parallel", "2"}, &out, errs)
	var v struct {
		Interrupted campaign.Interruption
		Cells       []struct{ Number int }
	}
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), errs.all.String())
	}
	next := 7
	for _, x := range v.Cells {
		if x.Number == next {
			next++
		}
	}
	rest := 207 - next
	if len(v.Cells) != v.Interrupted.Played || next <= 7 {
		t.Fatalf("%+v, and the first cell that is not there is %d", v, next)
	}
	want := campaign.Interruption{Played: v.Interrupted.Played, Of: 200, Unit: "cells"}
	want.Command = strings.Join([]string{"hotswap prove --random", strconv.Itoa(rest), "--seed 5 --cell", strconv.Itoa(next), "--runs 8 --strategy Direct"}, " ")
	if v.Interrupted != want {
		t.Errorf("%+v, want %+v", v.Interrupted, want)
	}
}

// TestInterruptedIsAShorterOne: the runs of an interrupted campaign are the first ones, so that
// their figures are those of a campaign of as many.
func TestInterruptedIsAShorterOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "canary.yaml")
	if err := os.WriteFile(file, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read := func(ctx context.Context, runs string, errs *until) (v struct {
		Runs  int
		Trace string
	},
	) {
		var out bytes.Buffer
		run(ctx, []string{"simulate", file, "--runs", runs, "--parallel", "3", "--json", "-"}, &out, errs)
		if err := json.Unmarshal(out.Bytes(), &v); err != nil {
			t.Fatalf("%v\n%s", err, errs.all.String())
		}
		return v
	}
	part := read(ctx, "400", &until{text: "runs: 40 of", then: stop})
	whole := read(t.Context(), strconv.Itoa(part.Runs), &until{then: func() {}})
	if part.Runs < 1 || part.Runs >= 400 || part != whole {
		t.Errorf("interrupted: %+v, of as many runs: %+v", part, whole)
	}
}
