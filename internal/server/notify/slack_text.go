package notify

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// mostSlack is how long a text is, in characters: Slack cuts longer ones into several.
const mostSlack = 3500

// harmless replaces what Slack takes for markup, and keeps names with an @ from calling
// everybody: versions, reasons and names of tenants come from elsewhere.
var harmless = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@\u2060")

// slackSafe is a text that Slack shows as it is.
func slackSafe(text string) string {
	text = engine.Visible(text)
	if n := utf8.RuneCountInString(text); n > mostSlack {
		text = string([]rune(text)[:mostSlack]) + "…"
	}
	return harmless.Replace(text)
}

// slackText is m for people.
func (m *message) slackText() string {
	text := mark(m.what) + " " + m.summary
	if m.text != "" {
		text += "\n" + m.text
	}
	return slackSafe(text) + m.linked()
}

// slackHeadline shows where a rollout is: it replaces its first message.
func (m *message) slackHeadline() string {
	h := &m.head
	where := strings.ReplaceAll(string(h.Phase), "_", " ")
	if h.Outcome == "" {
		where += fmt.Sprintf(" at stage %q", m.stage)
	}
	text := fmt.Sprintf("%s %s %s (%s): %s", mark(m.what), h.Plugin, telling.Named(h.Candidate), h.Environment, where)
	if m.reason != "" {
		text += "\n" + m.reason
	}
	return slackSafe(text) + m.linked()
}

// linked is the link to the page, on a line of its own.
func (m *message) linked() string {
	if m.link == "" {
		return ""
	}
	return "\n<" + strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C").Replace(m.link) + ">"
}

// mark lets an eye find what needs a person.
func mark(w What) string {
	switch w {
	case Held, Paused:
		return ":raised_hand:"
	case RollingBack, RolledBack:
		return ":leftwards_arrow_with_hook:"
	case Stuck, Unwatched:
		return ":rotating_light:"
	case Succeeded:
		return ":white_check_mark:"
	default:
		return ":arrow_forward:"
	}
}
