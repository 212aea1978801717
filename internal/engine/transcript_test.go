package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestTranscripts plays the files of testdata/transcripts. After a change that is
// meant: go test ./internal/engine -run TestTranscripts -rewrite, and read the diff.
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		s := &session{journals: engine.NewMemoryJournals()}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			command, known := commands[d.Cmd]
			if !known {
				t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
			}
			out, err := command(s, arguments{t, d})
			if err != nil {
				out += "error: " + err.Error()
			}
			if out = strings.TrimRight(out, "\n"); out == "" {
				out = "ok"
			}
			return trim(out) + "\n"
		})
	})
}

// trim drops the blanks that tables leave at the ends of lines.
func trim(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

type session struct {
	fleet    *enginetest.Fleet
	journals engine.Journals
	rollout  *enginetest.Rollout
	rollouts int
}

type arguments struct {
	t *testing.T
	d *datadriven.TestData
}

func (a arguments) text(key, otherwise string) string {
	if !a.d.HasArg(key) {
		return otherwise
	}
	var v string
	a.d.ScanArgs(a.t, key, &v)
	return v
}

func (a arguments) number(key string, otherwise int) int {
	v := otherwise
	if a.d.HasArg(key) {
		a.d.ScanArgs(a.t, key, &v)
	}
	return v
}

func (a arguments) float(key string, otherwise float64) float64 {
	v := otherwise
	if a.d.HasArg(key) {
		_, err := fmt.Sscanf(a.text(key, ""), "%g", &v)
		if err != nil {
			a.t.Fatal(err)
		}
	}
	return v
}

func (a arguments) duration(key string) time.Duration {
	if !a.d.HasArg(key) {
		return 0
	}
	v, err := engine.ParseDuration(a.text(key, ""))
	if err != nil {
		a.t.Fatal(err)
	}
	return v
}

var commands = map[string]func(*session, arguments) (string, error){
	"fleet": func(s *session, a arguments) (string, error) {
		s.fleet = enginetest.NewFleet(engine.Environment(a.text("env", "Production")), "payment-processor-stripe",
			a.number("instances", 10), a.number("tenants", 150), a.text("version", "1.5.0"), a.float("rps", 150))
		for i := range s.fleet.State.Tenants {
			t := &s.fleet.State.Tenants[i]
			t.PriorRequests, t.PriorErrors = int64(a.number("prior-requests", 0)), int64(a.number("prior-errors", 0))
		}
		return "", nil
	},
	"delay": func(s *session, a arguments) (string, error) {
		s.fleet.Delay[engine.ChangeKind(a.text("kind", ""))] = a.duration("by")
		return "", nil
	},
	"behave": func(s *session, a arguments) (string, error) {
		n := enginetest.Normal
		s.fleet.Behave[a.text("version", "")] = enginetest.Behaviour{
			Errors: a.float("errors", n.Errors), Timeouts: a.float("timeouts", n.Timeouts), Conversions: a.float("conversions", n.Conversions),
			Latency: a.float("latency", n.Latency), Slow: a.float("slow", n.Slow), SlowMs: a.float("slow-ms", n.SlowMs),
		}
		return "", nil
	},
	"refuse": func(s *session, a arguments) (string, error) {
		s.fleet.Refuse, s.fleet.RefuseWith = a.number("n", 1), nil
		switch {
		case a.d.HasArg("final"):
			s.fleet.RefuseWith = &engine.Refused{Reason: a.text("final", "")}
		case a.d.HasArg("after"):
			s.fleet.RefuseWith = &engine.Unavailable{After: a.duration("after"), Err: errors.New("busy")}
		}
		return "", nil
	},
	"break": func(s *session, a arguments) (string, error) { s.fleet.Break = a.number("n", 1); return "", nil },
	"gap": func(s *session, a arguments) (string, error) {
		s.fleet.GapFrom = enginetest.Start.Add(a.duration("from"))
		s.fleet.GapTo = enginetest.Start.Add(a.duration("to"))
		return "", nil
	},
	"sick": func(s *session, a arguments) (string, error) {
		s.fleet.Sick[a.text("instance", "")] = a.text("version", "")
		return "", nil
	},
	"worst": func(s *session, a arguments) (string, error) {
		s.fleet.Worst = &engine.TenantCount{
			Tenant: a.text("tenant", ""), Requests: int64(a.number("requests", 0)), Errors: int64(a.number("errors", 0)),
		}
		return "", nil
	},
	"set": func(s *session, a arguments) (string, error) {
		for i := range s.fleet.State.Instances {
			if in := &s.fleet.State.Instances[i]; in.ID == a.text("instance", "") {
				in.Default, in.Installed = a.text("version", ""), []string{a.text("version", "")}
				in.Ready = !a.d.HasArg("unready")
			}
		}
		return "", nil
	},
	"join": func(s *session, a arguments) (string, error) {
		s.fleet.State.Instances = append(s.fleet.State.Instances, engine.Instance{
			ID: a.text("instance", ""), Slot: "blue", Default: a.text("version", ""), Installed: []string{a.text("version", "")}, Ready: true,
		})
		return "", nil
	},
	"pin": func(s *session, a arguments) (string, error) {
		for i := range s.fleet.State.Tenants {
			if t := &s.fleet.State.Tenants[i]; t.ID == a.text("tenant", "") {
				t.Pin = a.text("version", "")
			}
		}
		return "", nil
	},
	"validate": func(_ *session, a arguments) (string, error) {
		spec, err := engine.DecodeSpec([]byte(a.d.Input))
		if err != nil {
			return "", err
		}
		return spec.Validate().Error(), nil
	},
	"plan": func(s *session, a arguments) (string, error) {
		spec, err := engine.DecodeSpec([]byte(a.d.Input))
		if err != nil {
			return "", err
		}
		snapshot := s.fleet.Snapshot()
		plan, err := engine.Compile("r1", spec, snapshot)
		if err != nil {
			return "", err
		}
		return plan.String(), nil
	},
	"begin": func(s *session, a arguments) (string, error) {
		spec, err := engine.DecodeSpec([]byte(a.d.Input))
		if err != nil {
			return "", err
		}
		r, err := enginetest.Begin(s.fleet, s.journals, fmt.Sprintf("r%d", s.rollouts+1), spec)
		if err != nil {
			return "", err
		}
		s.rollout, s.rollouts = r, s.rollouts+1
		return "", nil
	},
	"restore": func(s *session, a arguments) (string, error) {
		ctx := context.Background()
		last, err := engine.Completed(ctx, s.journals, s.fleet.State.Environment, s.fleet.State.Plugin)
		if err != nil {
			return "", err
		}
		r, err := enginetest.BeginRestore(s.fleet, s.journals, fmt.Sprintf("r%d", s.rollouts+1), last)
		if err != nil {
			return "", err
		}
		s.rollout, s.rollouts = r, s.rollouts+1
		return r.Plan().String(), nil
	},
	"run": func(s *session, a arguments) (string, error) {
		from, until := len(s.rollout.Events()), time.Time{}
		if a.d.HasArg("until") {
			until = enginetest.Start.Add(a.duration("until"))
		}
		err := s.rollout.Run(until)
		lines := strings.SplitAfter(s.rollout.Timeline(from), "\n")
		if tail := a.number("tail", 0); tail > 0 && len(lines) > tail+1 {
			lines = append([]string{fmt.Sprintf("… %d lines\n", len(lines)-tail-1)}, lines[len(lines)-tail-1:]...)
		}
		return strings.Join(lines, "") + "= " + s.rollout.State().String() + "\n", err
	},
	"signal": func(s *session, a arguments) (string, error) {
		return "", s.rollout.Signal(context.Background(), engine.Signal{Kind: engine.EventKind(a.text("kind", "")), By: a.text("by", "anna"), Reason: a.text("reason", "")})
	},
	"summary": func(s *session, _ arguments) (string, error) {
		m, err := engine.Summarize(s.rollout.Plan(), s.rollout.Events())
		return fmt.Sprintf("%s\nstage %s, progress %d %%\nmost exposed: %s\nexposed for %s\nundone %v in %s\ntook %s",
			m.State, m.Stage, m.Progress, m.Most, m.ExposedFor, m.Undone, m.RollbackTook, m.Took), err
	},
	"show": func(s *session, _ arguments) (string, error) { return show(s.fleet.State), nil },
}

// show writes a fleet so that two that differ read differently.
func show(s engine.Snapshot) string {
	var b strings.Builder
	for _, i := range s.Instances {
		fmt.Fprintf(&b, "%s %s %s %v ready=%v\n", i.ID, i.Slot, i.Default, i.Installed, i.Ready)
	}
	pins := map[string]int{}
	for _, t := range s.Tenants {
		pins[t.Pin]++
	}
	fmt.Fprintf(&b, "pins %v\nroutes %v\n", pins, s.Routes)
	return b.String()
}
