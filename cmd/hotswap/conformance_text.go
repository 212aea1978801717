package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/conformance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// conformity is what came of a run of clauses, as JSON.
type conformity struct {
	Kind        string      `json:"kind"`
	Format      int         `json:"format"`
	Holds       bool        `json:"holds"`
	Software    string      `json:"software"`
	Contract    string      `json:"contract"`
	Environment string      `json:"environment"`
	Plugin      string      `json:"plugin"`
	Left        string      `json:"sandbox_differs"`
	Clauses     []oneClause `json:"clauses"`
}

type oneClause struct {
	ID        string                 `json:"id"`
	Says      string                 `json:"says"`
	Verdict   conformance.Verdict    `json:"verdict"`
	Why       string                 `json:"why"`
	Seconds   float64                `json:"seconds"`
	Exchanges []conformance.Exchange `json:"exchanges"`
}

func conformed(r *conformance.Report) conformity {
	all := conformity{
		Kind: "conformance", Format: campaign.Format, Holds: r.Count(conformance.Fails) == 0 && r.Left == "",
		Software: r.Software, Contract: r.Contract, Environment: r.Environment, Plugin: r.Plugin, Left: r.Left, Clauses: []oneClause{},
	}
	for _, x := range r.Results {
		all.Clauses = append(all.Clauses, oneClause{x.Clause.ID, x.Clause.Says, x.Verdict, x.Why, x.Took.Seconds(), append([]conformance.Exchange{}, x.Exchanges...)})
	}
	return all
}

// clauseView prints clauses as they are over.
type clauseView struct {
	c    *console
	mute bool // the standard output is taken by a file
}

// mark is a verdict in a word.
func (v *clauseView) mark(verdict conformance.Verdict) string {
	switch verdict {
	case conformance.Holds:
		return v.c.paint.green("holds   ")
	case conformance.Fails:
		return v.c.paint.red("FAILS   ")
	case conformance.LeftOut:
		return v.c.paint.faint("left out")
	default:
		return v.c.paint.amber("not run ")
	}
}

func (v *clauseView) tell(r conformance.Result) {
	if v.c.quiet && r.Verdict == conformance.Fails { // a problem is told all the same
		_, _ = fmt.Fprintf(v.c.err, "%s does not hold\n%s", r.Clause.ID, failure(&r))
	}
	if v.mute {
		return
	}
	line := fmt.Sprintf("%s  %-22s", v.mark(r.Verdict), r.Clause.ID)
	if r.Verdict == conformance.LeftOut || r.Verdict == conformance.NotRun {
		line += "  " + v.c.paint.faint(engine.Visible(r.Why))
	}
	v.c.print("%s\n", strings.TrimRight(line, " "))
	if r.Verdict == conformance.Fails {
		v.c.print("%s", failure(&r))
	}
}

// failure is what shows that a clause does not hold.
func failure(r *conformance.Result) string {
	var b strings.Builder
	say := func(mark, format string, args ...any) {
		for line := range strings.Lines(fmt.Sprintf(format, args...)) {
			b.WriteString("          " + mark + engine.Visible(strings.TrimRight(line, "\r\n")) + "\n")
		}
	}
	say("contract: ", "%s", r.Clause.Says)
	say("seen:     ", "%s", r.Why)
	for _, x := range r.Exchanges {
		say("> ", "%s %s", x.Method, x.URL)
		for _, h := range x.Header {
			say("> ", "%s", h)
		}
		if x.Body != "" {
			say("> ", "%s", x.Body)
		}
		if x.Fault != "" {
			say("< ", "%s", x.Fault)
			continue
		}
		say("< ", "%d", x.Status)
		for _, h := range x.AnswerHeader {
			say("< ", "%s", h)
		}
		if x.Answer != "" {
			say("< ", "%s", x.Answer)
		}
	}
	return b.String()
}

// counted says how many clauses went how.
func counted(r *conformance.Report) string {
	parts := []string{fmt.Sprintf("%d of %d clauses hold", r.Count(conformance.Holds), len(r.Results))}
	for _, x := range []struct {
		verdict conformance.Verdict
		words   string
	}{{conformance.Fails, "do not"}, {conformance.LeftOut, "are left out by the capabilities"}, {conformance.NotRun, "were not run"}} {
		if n := r.Count(x.verdict); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, x.words))
		}
	}
	return strings.Join(parts, ", ")
}

func (v *clauseView) end(r *conformance.Report, took time.Duration) {
	v.c.print("\n%s in %s, %s, contract %s: %s, in %s\n", r.Plugin, r.Environment, engine.Visible(nameOf(r)), r.Contract, counted(r), span(took.Round(100*time.Millisecond)))
	if r.Left != "" {
		v.c.print("%s\n", v.c.paint.red("The sandbox is not as it was found: "+engine.Visible(r.Left)))
	}
}

// nameOf is the software of a fleet.
func nameOf(r *conformance.Report) string {
	if r.Software == "" {
		return "software of no name"
	}
	return r.Software
}

// summaryOfConformance is a run of clauses in short.
func summaryOfConformance(r *conformance.Report) summary {
	s := summary{name: "hotswap conformance", body: counted(r) + ".\n"}
	for i := range r.Results {
		x := &r.Results[i]
		one := check{name: x.Clause.ID, remark: x.Clause.Says}
		switch x.Verdict {
		case conformance.Fails:
			one.wrong = append([]string{x.Why}, strings.Split(strings.TrimRight(failure(x), "\n"), "\n")...)
		case conformance.LeftOut, conformance.NotRun:
			one.skipped = x.Why
		case conformance.Holds:
		}
		s.checks = append(s.checks, one)
	}
	if r.Left != "" {
		s.checks = append(s.checks, check{name: "sandbox.left", wrong: []string{r.Left}})
	}
	return s
}

// listClauses prints what is tried.
func (c *console) listClauses(f *conformanceFlags) error {
	list := conformity{Kind: "conformance", Format: campaign.Format, Clauses: []oneClause{}}
	s := summary{name: "hotswap conformance"}
	for _, x := range conformance.Clauses() {
		if f.chosen(x.ID) {
			list.Clauses = append(list.Clauses, oneClause{ID: x.ID, Says: x.Says, Exchanges: []conformance.Exchange{}})
			s.checks = append(s.checks, check{name: x.ID, skipped: "it was not tried", remark: x.Says})
		}
	}
	return c.tell(&f.outputs, told{list, s}, func() {
		for _, x := range list.Clauses {
			c.print("%-22s  %s\n", x.ID, x.Says)
		}
	})
}
