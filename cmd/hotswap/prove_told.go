package main

import (
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// proof is what a proof has to tell.
type proof struct {
	v             any // as JSON
	name, tables  string
	checks        []campaign.Checked
	holds, strict bool
	cut           *campaign.Interruption
	err           error // why it was cut
}

// proved tells a proof: its figures and tables. One that was interrupted is told as far as it
// went, and ends with its error: nothing is passed then, and nothing is kept.
func (c *console) proved(o *outputs, p proof) error {
	shown := make([]campaign.Shown, len(p.checks))
	for i, k := range p.checks {
		shown[i] = k.Shown
	}
	if p.cut.Cut() {
		p.tables = p.cut.String() + ".\n\n" + p.tables
		if p.cut.Command != "" {
			p.tables += fmt.Sprintf("\nThis goes on with those that were not played:\n\n    %s\n", p.cut.Command)
		}
	}
	err := c.tell(o, told{p.v, p.summary()}, func() {
		text := p.tables
		if len(shown) > 0 && !p.cut.Cut() {
			text += fmt.Sprintf("\n%s.\n", campaign.Tally(shown))
		}
		if c.drawn {
			width, _ := c.size()
			text = c.paint.onScreen(text, width)
		}
		c.print("%s", text)
	})
	if err == nil && !p.holds {
		_, _ = fmt.Fprintln(c.err, "hotswap: a promise was broken: see the table")
		err = errUnexpected
	}
	if err == nil && p.strict && !p.cut.Cut() && slices.Contains(shown, campaign.NotRefuted) {
		_, _ = fmt.Fprintln(c.err, "hotswap: not every promise was shown to be kept: more runs would tell")
		err = errUnexpected
	}
	if p.err != nil && (err == nil || err == errUnexpected) {
		return p.err
	}
	return err
}

// summary is the proof in short.
func (p *proof) summary() summary {
	s := summary{name: p.name, body: p.tables}
	if p.cut.Cut() {
		s.checks = append(s.checks, unfinished(p.cut))
	}
	for _, k := range p.checks {
		x := check{name: k.What, remark: k.Promise}
		switch {
		case k.Shown == campaign.NothingPromised:
			continue
		case k.Shown == campaign.Broken:
			x.wrong = []string{k.Promise}
		case p.cut.Cut():
			x.skipped = "interrupted; as far as it went: " + k.Promise
		}
		s.checks = append(s.checks, x)
	}
	return s
}

// unfinished is the check that fails where a campaign was interrupted.
func unfinished(cut *campaign.Interruption) check {
	return check{name: "all is played", wrong: []string{cut.String()}}
}

// unmade is err, the end of a command that was interrupted, and what a file is not written of
// then; "": none was asked for.
func unmade(err error, flag, file string) error {
	if err == nil || file == "" {
		return err
	}
	return &interrupted{fmt.Sprintf("--%s: %s is not written, which takes all of it", flag, file)}
}
