package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// subject is one of the things that are said of every answer.
type subject int

// The subjects.
const (
	aboutTime subject = iota
	aboutClock
	aboutForm
	aboutMedia
	aboutProblems
	aboutReasons
	subjects
)

// remark is an answer that is not as every answer has to be.
type remark struct {
	what  string
	shown *Exchange
}

// mostRemarks is how many are kept of a subject: one shows it.
const mostRemarks = 3

// ledger looks at every answer, whatever it was asked for.
type ledger struct {
	doc *document

	mu      sync.Mutex
	seen    [subjects]int
	remarks [subjects][]remark
	last    map[bool]time.Time // of answers so far, of the fleet's and of the sandbox's
}

// behind is by how much one answer may tell an earlier time than the one before: several
// machines may answer.
const behind = time.Second

func (l *ledger) note(a *ask, got *answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if got.status/100 != 2 {
		l.problem(got)
		return
	}
	o := l.doc.find(a.method, a.path)
	if o == nil {
		return
	}
	if o.answers[strconv.Itoa(got.status)] == "" && o.method == http.MethodGet {
		return // a list of targets, which is no JSON
	}
	l.hold(aboutMedia, got, got.media() == contract.JSON, "the answer is %q, and %s is wanted", got.header.Get("Content-Type"), contract.JSON)
	var v map[string]any
	body, err := unzipped(got)
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		l.hold(aboutForm, got, false, "the answer is no JSON object: %v", err)
		return
	}
	wrong := l.doc.check(o, got.status, v)
	slices.Sort(wrong)
	l.hold(aboutForm, got, len(wrong) == 0, "%s", strings.Join(wrong, "; "))
	l.time(a, got, v["at"])
}

// time holds the time of an answer against the contract, and those before it.
func (l *ledger) time(a *ask, got *answer, at any) {
	text, _ := at.(string)
	t, err := time.Parse(time.RFC3339Nano, text)
	_, offset := t.Zone()
	l.hold(aboutTime, got, err == nil && offset == 0, "at is %v, and a time like 2006-01-02T15:04:05Z is wanted", at)
	if err != nil {
		return
	}
	if l.last == nil {
		l.last = map[bool]time.Time{}
	}
	before := l.last[a.top]
	l.hold(aboutClock, got, !t.Add(behind).Before(before), "at is %s, and an answer before it had %s", text, before.Format(time.RFC3339Nano))
	if t.After(before) {
		l.last[a.top] = t
	}
}

// problem holds an answer that is no success against RFC 9457 and the list of reasons.
func (l *ledger) problem(got *answer) {
	var p struct {
		Title  *string
		Status *int
		Reason *string
	}
	err := json.Unmarshal(got.body, &p)
	whole := err == nil && p.Title != nil && *p.Title != "" && p.Status != nil && *p.Status == got.status
	l.hold(aboutProblems, got, got.media() == contract.ProblemJSON && whole,
		"%d of the type %q: a problem is %s, with a title, and the status of the answer", got.status, got.header.Get("Content-Type"), contract.ProblemJSON)
	if p.Reason == nil {
		l.hold(aboutReasons, got, false, "%d without a reason", got.status)
		return
	}
	want := contract.StatusOf(contract.Reason(*p.Reason))
	l.hold(aboutReasons, got, want == got.status, "the reason %q with the status %d: %s", *p.Reason, got.status, wanted(want))
}

func wanted(status int) string {
	if status == 0 {
		return "it is not in the list of the contract"
	}
	return fmt.Sprintf("it comes with %d", status)
}

// hold keeps a remark where something does not hold.
func (l *ledger) hold(s subject, got *answer, ok bool, format string, args ...any) {
	l.seen[s]++
	if !ok && len(l.remarks[s]) < mostRemarks {
		l.remarks[s] = append(l.remarks[s], remark{fmt.Sprintf(format, args...), got.shown})
	}
}

// about is what was seen of a subject.
func (l *ledger) about(s subject) (seen int, remarks []remark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[s], slices.Clone(l.remarks[s])
}
