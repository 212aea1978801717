package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/api"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// histories are events that lead to each phase. A stage has begun in those that have to have a
// way back.
func histories() map[engine.Phase][]engine.Event {
	guard := engine.Event{Kind: engine.Judged, Verdict: &engine.Verdict{Result: engine.Fail, Guard: true, Hold: true, Reason: "a guard tripped"}}
	began, aborted := engine.Event{Kind: engine.Began}, engine.Event{Kind: engine.Aborted, By: "olga"}
	back := []engine.Event{began, aborted, {Kind: engine.Failed, Refused: true, Error: "never"}}
	return map[engine.Phase][]engine.Event{
		engine.PhaseProgressing: {began},
		engine.PhaseHeld:        {began, guard},
		engine.PhasePaused:      {began, {Kind: engine.Paused, By: "olga"}},
		engine.PhaseRollingBack: {began, aborted},
		engine.PhaseRolledBack:  {aborted, {Kind: engine.Finished, Outcome: engine.RolledBack}},
		engine.PhaseStuck:       back,
	}
}

// TestSignals says everything in every phase: what the engine's rules allow is written, and
// what they do not is refused and not written.
func TestSignals(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	kinds := map[string]engine.EventKind{contract.Pause: engine.Paused, contract.Resume: engine.Resumed, contract.Promote: engine.Promoted, contract.Rollback: engine.Aborted}
	n := int64(0)
	for phase, history := range histories() {
		for signal, kind := range kinds {
			n++
			id := fmt.Sprintf("%s-%s", phase, signal)
			r.begin(t, id, engine.Production, "shop", n, time.Now().Add(-time.Hour), history...)
			before, err := r.Store.Rollout(t.Context(), id)
			if err != nil || before.Phase != phase {
				t.Fatalf("%s is %s, %v", id, before.Phase, err)
			}
			j, err := r.Store.Open(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			plan, _, state, err := engine.LoadState(t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			after, refused := state.Apply(plan, engine.Event{Seq: state.Seq, At: time.Now(), Kind: kind, Stage: state.Stage, By: "olga"})
			path := "/v1/rollouts/" + id + "/signals"
			r.refused(refusal{reason: contract.StageDiffers, who: "operator", method: "POST", path: path, body: fmt.Sprintf(`{"signal": %q, "stage": "another"}`, signal), says: "another"})
			shown := read[contract.Detail](t, r.want(http.StatusOK, "reader", "GET", "/v1/rollouts/"+id, "").Body)
			body := fmt.Sprintf(`{"signal": %q, "stage": %q, "reason": "seen enough", "by": "petra", "cause": "decision"}`, signal, shown.Stage.Name)
			events := before.Events
			if refused != nil {
				r.refused(refusal{reason: contract.WrongPhase, who: "operator", method: "POST", path: path, body: body, says: string(kind) + " is not possible"})
			} else {
				got := read[contract.Started](t, r.want(http.StatusOK, "operator", "POST", path, body).Body)
				if events++; got.Phase != string(after.Phase) || got.Generation != events {
					t.Errorf("%s: it is %s with %d events, want %s with %d", id, got.Phase, got.Generation, after.Phase, events)
				}
				page := read[contract.EventPage](t, r.want(http.StatusOK, "reader", "GET", fmt.Sprintf("/v1/rollouts/%s/events?after=%d", id, events-2), "").Body)
				if len(page.Items) != 1 || page.Items[0].Kind != kind || page.Items[0].By != "petra, told by olga" || page.Items[0].Error != "seen enough" || page.Items[0].Cause != engine.CauseDecision {
					t.Errorf("%s: %+v", id, page.Items)
				}
			}
			if now, err := r.Store.Rollout(t.Context(), id); err != nil || now.Events != events {
				t.Errorf("%s: %d events, want %d, %v", id, now.Events, events, err)
			}
		}
	}
	if n != 24 {
		t.Errorf("%d cells", n)
	}
}

// TestSignalsAtOnce says the same twenty times at once: it is written once.
func TestSignalsAtOnce(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now().Add(-time.Hour), engine.Event{Kind: engine.Began})
	var codes []int
	for _, rec := range atOnce(20, func(int) *httptest.ResponseRecorder {
		return r.call("operator", "POST", "/v1/rollouts/r1/signals", `{"signal": "pause"}`)
	}) {
		codes = append(codes, rec.Code)
	}
	slices.Sort(codes)
	if now, err := r.Store.Rollout(t.Context(), "r1"); err != nil || now.Events != 2 || codes[0] != http.StatusOK || codes[1] != http.StatusConflict || codes[19] != http.StatusConflict {
		t.Errorf("%v, %d events, %v", err, now.Events, codes)
	}
}

// forgetful is a store whose answers to what is written are lost once.
type forgetful struct {
	store.Store
	lose func() bool
}

// Open implements engine.Journals.
func (f forgetful) Open(ctx context.Context, id string) (engine.Journal, error) {
	j, err := f.Store.Open(ctx, id)
	return forgetfulJournal{j, f.lose}, err
}

type forgetfulJournal struct {
	engine.Journal
	lose func() bool
}

// Append implements engine.Journal.
func (j forgetfulJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	err := j.Journal.Append(ctx, e, h)
	if err == nil && j.lose() {
		err = engine.ErrConflict // it is there, and looks as if somebody else had written
	}
	return err
}

// TestLostAnswer has the answer of the store be lost: what was said is known to be its own.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now().Add(-time.Hour), engine.Event{Kind: engine.Began})
	lost := false
	o := r.Server.Options
	o.Store = forgetful{r.Store, func() bool {
		first := !lost
		lost = true
		return first
	}}
	other := &rig{r.Rig, t, servertest.Recorded(api.New(api.Options{Server: server.New(o), Gate: r.Actors, Now: o.Now, Wait: o.Wait}))}
	got := read[contract.Started](t, other.want(http.StatusOK, "operator", "POST", "/v1/rollouts/r1/signals", `{"signal": "pause"}`).Body)
	if !lost || got.Phase != "paused" || got.Generation != 2 {
		t.Errorf("%+v", got)
	}
}

// TestHostileTexts has people and deployments say what harms whoever shows it: it is told as
// text, and shown so that it is seen.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now().Add(-time.Hour), engine.Event{Kind: engine.Began})
	hostile := "</script><img src=x onerror=alert(1)>\x1b[2J\x00\u202egnp\r\nX-Evil: 1 \U0001f4a9 '; DROP TABLE rollouts; --"
	r.want(http.StatusOK, "operator", "POST", "/v1/rollouts/r1/signals", text(t, contract.Signal{Signal: "pause", Reason: hostile, By: hostile}))
	r.want(http.StatusOK, "operator", "PUT", "/v1/rollouts/r1/owner", text(t, map[string]string{"owner": hostile}))
	for _, path := range []string{"/v1/rollouts/r1", "/v1/rollouts/r1/events", "/v1/rollouts", "/v1/audit"} {
		rec := r.want(http.StatusOK, "admin", "GET", path, "")
		if body := rec.Body.String(); strings.ContainsAny(body, "\x1b\x00\r") || strings.Contains(body, "</script>") || rec.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v %q", path, rec.Header(), body)
		}
	}
	shown := read[contract.Detail](t, r.want(http.StatusOK, "reader", "GET", "/v1/rollouts/r1", "").Body)
	if strings.ContainsAny(shown.Story, "\x1b\x00\u202e") {
		t.Errorf("%q", shown.Story)
	}
	for _, line := range shown.Timeline {
		if strings.ContainsAny(line.Text, "\x1b\x00\u202e") {
			t.Errorf("%q", line.Text)
		}
	}
	for _, q := range []string{hostile, "'", `"`, `\`, "%", "_", "(", "[a-z]"} {
		r.want(http.StatusOK, "reader", "GET", "/v1/rollouts?"+"q="+url.QueryEscape(q)+"&"+"plugin="+url.QueryEscape(q)+"&"+"environment="+url.QueryEscape(q), "")
		r.refused(refusal{reason: "unknown-rollout", who: "reader", method: "GET", path: "/v1/rollouts/" + url.PathEscape(q)})
	}
}
