package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// message is what is told of one event, in no form yet. It is worked out from the journal up
// to that event, so that it is the same at each attempt.
type message struct {
	id      string
	what    What
	at      time.Time
	head    engine.RolloutHead
	stage   string // where it is, or turned round
	summary string // one line
	text    string // the rest, in lines
	reason  string // why, in words; "": that goes without saying
	by      string // who did it; "": the machine
	verdict *engine.Verdict
	link    string // to the page; "": there is none
	// removes says that the rollout takes the plugin away, fresh that there was none before.
	removes, fresh bool
}

// messageID is that of an event for a sink, the same whoever works it out.
func messageID(sink, rollout string, seq int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", sink, rollout, seq))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// tell works the message of an event out.
func (b *book) tell(what What, seq int64) (*message, error) {
	ro := &telling.Rollout{Plan: *b.plan, Events: b.events[:seq+1]}
	m := &message{what: what, at: b.start.At, by: b.start.By, removes: b.plan.Candidate == "", fresh: b.plan.Baseline == ""}
	ro.State = engine.NewState()
	var e engine.Event
	if seq >= 0 {
		var err error
		if ro.State, err = engine.Fold(b.plan, ro.Events); err != nil {
			return nil, err
		}
		e = b.events[seq]
		m.at, m.by = e.At, e.By
	}
	m.head = engine.HeadOf(b.plan, &ro.State, b.ordinal, m.at)
	story := telling.Tell(ro, m.at)
	m.stage, m.verdict = story.Stage, story.Measured()
	if seq < 0 {
		m.stage = m.head.Stage
	}
	if m.verdict == nil && (what == Held || what == Decided || what == Retained) {
		m.verdict = ro.State.Verdict
	}
	w := &wording{ro: ro, story: story, event: &e}
	m.summary, m.text = w.say(what)
	m.text = strings.TrimSpace(m.text)
	m.reason = w.reason(what)
	return m, nil
}

// wording finds the words for an event.
type wording struct {
	ro    *telling.Rollout
	story *telling.Story
	event *engine.Event
}

// say is a summary of one line, and the rest.
func (w *wording) say(what What) (summary, text string) {
	ro, t := w.ro, w.story
	switch what {
	case Started:
		return ro.Title("was started"), engine.Headline(&ro.Plan)
	case Stage:
		return ro.Title(fmt.Sprintf("began stage %q", ro.Stage())), ro.Plan.Stages[w.event.Stage].Exposure.String() + " at most"
	case Held:
		return t.Held("")
	case Decided:
		return ro.Title("was decided on"), ro.Plan.Line(*w.event)
	case Paused:
		return t.Paused("")
	case Stuck:
		return t.Stuck("")
	case Retained:
		summary, text = t.Retained("")
		return ro.Title("was not adopted") + ": " + lowered(summary), text
	case RolledBack:
		if t.Turn.Kind == engine.Aborted {
			return t.AsAsked("")
		}
		return t.RolledBack("")
	default:
		return w.sayOn(what)
	}
}

// sayOn is what say says of a rollout that goes on, or went through.
func (w *wording) sayOn(what What) (summary, text string) {
	ro, line := w.ro, w.ro.Plan.Line(*w.event)
	switch what {
	case Resumed:
		return ro.Title(fmt.Sprintf("goes on at stage %q", ro.Stage())), line
	case RollingBack:
		return ro.Title(fmt.Sprintf("is rolled back from stage %q", w.story.Stage)), w.story.Why()
	case Unwatched:
		return w.story.Unattended(fmt.Sprintf("is at stage %q, unattended", ro.Stage()), line+".", ", and as long as nobody goes on", "")
	default:
		return ro.Title("serves everywhere"), line + "; exposed were " + w.story.Exposed()
	}
}

// reason says why, where something has a reason.
func (w *wording) reason(what What) string {
	switch what {
	case Held, Stuck, Retained:
		return w.ro.State.Reason
	case RollingBack, RolledBack:
		return w.story.Why()
	case Decided, Paused, Resumed, Unwatched:
		return w.event.Error
	default:
		return ""
	}
}

// lowered is a sentence in the middle of another one.
func lowered(s string) string {
	if rest, ok := strings.CutPrefix(s, "The "); ok {
		return "the " + rest
	}
	return s
}
