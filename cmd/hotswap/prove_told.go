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
	if p.cut.Cut() {
		p.tables = p.cut.String() + ".\n\n" + p.tables
		if p.cut.Command != "" {
			p.tables += fmt.Sprintf("\nThis goes on, from the first one on that was not played:\n\n    %s\n", p.cut.Command)
		}
	}
	if err := c.tell(o, told{p.v, p.summary()}, func() { c.print("%s", p.text(c)) }); err != nil {
		return err
	}
	unexpected := p.unexpected()
	if unexpected != "" {
		_, _ = fmt.Fprintln(c.err, "hotswap: "+unexpected)
	}
	switch {
	case p.err != nil:
		return p.err
	case unexpected != "":
		return errUnexpected
	default:
		return nil
	}
}

// shown is what was shown of each promise.
func (p *proof) shown() []campaign.Shown {
	shown := make([]campaign.Shown, len(p.checks))
	for i, k := range p.checks {
		shown[i] = k.Shown
	}
	return shown
}

// text is what is printed. A part has no tally, which would be one of all promises.
func (p *proof) text(c *console) string {
	text := p.tables
	if shown := p.shown(); len(shown) > 0 && !p.cut.Cut() {
		text += fmt.Sprintf("\n%s.\n", campaign.Tally(shown))
	}
	if c.drawn {
		width, _ := c.size()
		text = c.paint.onScreen(text, width)
	}
	return text
}

// unexpected is what did not hold, or was not shown though it had to be; "": nothing.
func (p *proof) unexpected() string {
	switch {
	case !p.holds:
		return "a promise was broken: see the table"
	case p.strict && !p.cut.Cut() && slices.Contains(p.shown(), campaign.NotRefuted):
		return "not every promise was shown to be kept: more runs would tell"
	default:
		return ""
	}
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
