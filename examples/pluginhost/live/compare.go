package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Row is a policy and a version, rolled out some times for real and many times in the
// simulator.
type Row struct {
	Policy  string
	Version string // in words
	Real    []*Played
	Said    *predict.Prediction
}

// Case is what a row plays.
type Case struct {
	Policy  Policy
	Words   string      // of the version
	Version string      // "": the good one that does not serve
	Fault   *wire.Fault // of the version, on top
}

// The versions that a comparison needs: two that are good, one that is made worse by faults,
// and one that fails a single tenant.
const (
	good     = "1.6.0"
	worsened = "1.7.0"
	oneFails = "2.1.0"
)

// Cases are the table.
func Cases() []Case {
	worse := func(strategy engine.Strategy, words string, rate float64) Case {
		return Case{Policy: PolicyOf(strategy), Words: words, Version: worsened, Fault: &wire.Fault{Version: worsened, ErrorRate: rate}}
	}
	const fifth, twentieth, fiftieth = "fails 20 %", "fails 5 %", "fails 2 %"
	return []Case{
		{Policy: PolicyOf(engine.Canary), Words: "good"},
		worse(engine.Canary, fifth, 0.2),
		worse(engine.Canary, twentieth, 0.05),
		worse(engine.Canary, fiftieth, 0.02),
		{Policy: PolicyOf(engine.Canary), Words: "fails one tenant", Version: oneFails},
		{Policy: PolicyOf(engine.BlueGreen), Words: "good"},
		worse(engine.BlueGreen, fifth, 0.2),
		worse(engine.BlueGreen, twentieth, 0.05),
		{Policy: PolicyOf(engine.Rolling), Words: "good"},
		worse(engine.Rolling, fifth, 0.2),
		worse(engine.Rolling, twentieth, 0.05),
		{Policy: PolicyOf(engine.Direct), Words: "good"},
		worse(engine.Direct, fifth, 0.2),
		worse(engine.Direct, twentieth, 0.05),
		worse(engine.ABTesting, fifth, 0.2),
		worse(engine.ABTesting, twentieth, 0.05),
	}
}

// Compare plays all cases so many times, and says how it goes. The rollouts of which there
// is something to be said that is no measurement are errors; the others are played all the same.
func (r *Rig) Compare(ctx context.Context, cases []Case, runs, simulated int, out io.Writer) ([]Row, error) {
	if err := r.Learn(ctx); err != nil {
		return nil, err
	}
	var rows []Row
	var wrong []error
	for _, c := range cases {
		row := Row{Policy: c.Policy.Name, Version: c.Words}
		for range runs {
			from, version, err := r.prepare(ctx, c)
			if err != nil {
				return rows, errors.Join(append(wrong, err)...)
			}
			if row.Said == nil {
				if row.Said, err = r.Foretell(ctx, c.Policy, version, from, simulated); err != nil {
					return rows, errors.Join(append(wrong, err)...)
				}
			}
			played, err := r.Play(ctx, c.Policy, version)
			if ctx.Err() != nil {
				return rows, context.Cause(ctx)
			}
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s, %s: %w", c.Policy.Name, c.Words, err))
				continue
			}
			row.Real = append(row.Real, played)
			_, _ = fmt.Fprintf(out, "%s, %s: %s in %.1f s (%s), detected %.1f s (%s), %d failed (%s), %d tenants (%s), %d lost %v\n", c.Policy.Name, c.Words,
				played.Outcome, played.Took, row.Said.Took, played.Detected, row.Said.Detected, played.Failed, row.Said.Failed, played.Tenants, row.Said.Tenants, played.Lost, r.Lost())
		}
		rows = append(rows, row)
	}
	return rows, errors.Join(wrong...)
}

// prepare has the host as a case wants it, and says which version is to take whose place.
func (r *Rig) prepare(ctx context.Context, c Case) (from, version string, err error) {
	var faults []wire.Fault
	if c.Fault != nil {
		faults = append(faults, *c.Fault)
	}
	if err := r.SetFaults(ctx, faults...); err != nil {
		return "", "", err
	}
	if from, err = r.Serving(ctx); err != nil {
		return "", "", err
	}
	if from == c.Version { // it got through last time: back to a good one, without its fault
		if err := r.goBack(ctx, faults); err != nil {
			return "", "", err
		}
		if from, err = r.Serving(ctx); err != nil {
			return "", "", err
		}
	}
	if version = c.Version; version == "" {
		version = other(from)
	}
	return from, version, wait(ctx, 3*time.Second) // nothing of the last rollout is in the samples of the next one
}

// goBack has a good version serve, while nothing has a fault, and sets the faults anew.
func (r *Rig) goBack(ctx context.Context, faults []wire.Fault) error {
	if err := r.SetFaults(ctx); err != nil {
		return err
	}
	if _, err := r.Play(ctx, PolicyOf(engine.Direct), other("")); err != nil {
		return err
	}
	return r.SetFaults(ctx, faults...)
}

// Foretell asks the simulator.
func (r *Rig) Foretell(ctx context.Context, p Policy, version, serves string, runs int) (*predict.Prediction, error) {
	_, spec, err := p.Deployment(version)
	if err != nil {
		return nil, err
	}
	set := r.Setting(p.Name, spec, serves)
	if set.Paces, err = r.Stack.Paces(ctx); err != nil {
		return nil, err
	}
	return set.Play(ctx, runs, seed)
}

// Matching are the cases in whose policy or version a text is.
func Matching(cases []Case, text string) (found []Case) {
	for _, c := range cases {
		if strings.Contains(strings.ToLower(c.Policy.Name+", "+c.Words), strings.ToLower(text)) {
			found = append(found, c)
		}
	}
	return found
}
