package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// longestPoll is how long a request waits at most for something to happen.
const longestPoll = time.Minute

// mostRollouts is how many rollouts a page has at most.
const mostRollouts = 500

// findRollouts lists rollouts of all environments that whoever asks may look at. With wait, it
// first waits until something changed since.
func (a *api) findRollouts(x *call) error {
	q, err := a.query(x)
	if err != nil {
		return err
	}
	since, err := x.Number("since", 0, 0)
	if err != nil {
		return err
	}
	if err := x.poll(a.Wait, func(ctx context.Context) error { return a.Server.Store.Changed(ctx, "", since) }); err != nil {
		return err
	}
	answer := contract.RolloutPage{At: x.At(), Items: []contract.Rollout{}}
	if answer.Change, err = a.latestChange(x.Context()); err != nil {
		return err
	}
	if q.Environments != nil && len(q.Environments) == 0 {
		return x.Answer(http.StatusOK, answer)
	}
	limit := q.Limit
	q.Limit++
	found, err := a.Server.Store.Find(x.Context(), q)
	if err != nil {
		return err
	}
	if len(found) > limit {
		found = found[:limit]
		last := &found[limit-1]
		answer.Next = cursorOf(store.Cursor{At: last.At, ID: last.RolloutHead.Rollout})
	}
	for i := range found {
		answer.Items = append(answer.Items, a.rolloutOf(&found[i]))
	}
	return x.Answer(http.StatusOK, answer)
}

// latestChange is the number of the last change of any rollout.
func (a *api) latestChange(ctx context.Context) (int64, error) { return a.Server.Store.LastChange(ctx) }

// query is what the request asks for, of what whoever asks may look at. Environments that are
// not nil and empty: nothing.
func (a *api) query(x *call) (q store.Query, err error) {
	v := x.URL.Query()
	q.Plugin, q.Text, q.InFlight = v.Get("plugin"), v.Get("q"), v.Get("unfinished") == "true"
	limit, err := x.Number("limit", 1, 100)
	if err != nil {
		return q, err
	}
	q.Limit = int(min(limit, mostRollouts))
	for _, p := range v["phase"] {
		q.Phases = append(q.Phases, engine.Phase(p))
	}
	for _, o := range v["outcome"] {
		q.Outcomes = append(q.Outcomes, engine.Outcome(o))
	}
	if q.Below, err = placeOf(v.Get("cursor")); err != nil {
		return q, err
	}
	for _, e := range v["environment"] {
		q.Environments = append(q.Environments, engine.Environment(e))
	}
	q.Environments = x.visible(q.Environments)
	return q, nil
}

// visible are those of the environments that whoever asks may look at; none asked for: all of
// them. nil: every one there is.
func (x *call) visible(asked []engine.Environment) []engine.Environment {
	everywhere := slices.ContainsFunc(x.actor.Grants, func(g access.Grant) bool { return len(g.Environments) == 0 })
	if everywhere {
		return asked
	}
	some := []engine.Environment{}
	for _, g := range x.actor.Grants {
		for _, e := range g.Environments {
			if (len(asked) == 0 || slices.Contains(asked, e)) && x.actor.May(access.Read, e) && !slices.Contains(some, e) {
				some = append(some, e)
			}
		}
	}
	return some
}

// cursorOf and placeOf write and read where a list goes on.
func cursorOf(c store.Cursor) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.At.UnixNano(), 10) + " " + c.ID))
}

func placeOf(text string) (store.Cursor, error) {
	if text == "" {
		return store.Cursor{}, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	at, id, ok := strings.Cut(string(plain), " ")
	n, unread := strconv.ParseInt(at, 10, 64)
	if err != nil || !ok || unread != nil {
		return store.Cursor{}, exchange.Refuse(fleetcontract.InvalidRequest, "cursor is none of this API")
	}
	return store.Cursor{At: time.Unix(0, n).UTC(), ID: id}, nil
}

// poll waits as long as the request's wait says for something, where it says so.
func (x *call) poll(wait func(context.Context, time.Duration) error, happens func(context.Context) error) error {
	seconds, err := x.Number("wait", 0, 0)
	if err != nil || seconds == 0 {
		return err
	}
	length := min(longestPoll, time.Duration(seconds)*time.Second)
	ctx, cancel := walker.Within(x.Context(), length)
	defer cancel()
	err = happens(ctx)
	if errors.Is(err, context.DeadlineExceeded) && x.Context().Err() == nil {
		return nil
	}
	return err
}

// rollout is the rollout of the path, which whoever asks has to be allowed to look at, or more.
// One that they may not look at is not there.
func (a *api) rollout(x *call, role access.Role) (store.Rollout, error) {
	r, err := a.Server.Store.Rollout(x.Context(), x.PathValue("rollout"))
	if err == nil && !x.actor.May(access.Read, r.Environment) {
		err = engine.ErrNoJournal
	}
	if err == nil {
		err = x.may(role, string(r.Environment))
	}
	return r, err
}

// ownRollout says whose a rollout is.
func (a *api) ownRollout(x *call) error {
	r, err := a.rollout(x, access.Operate)
	if err != nil {
		return err
	}
	var body fleetcontract.Owner
	if err := x.JSON(mostBody, &body); err != nil {
		return err
	}
	if err := a.Server.Store.Own(x.Context(), r.RolloutHead.Rollout, body.Owner, body.Previous); err != nil {
		return err
	}
	return x.Taken(http.StatusOK)
}

// signals are what people say, in the engine's words.
var signals = map[string]engine.EventKind{
	contract.Pause: engine.Paused, contract.Resume: engine.Resumed, contract.Promote: engine.Promoted, contract.Rollback: engine.Aborted,
}

// mostReason is how many bytes a reason has at most.
const mostReason = 2000

// signal says something to a rollout. It stands in its journal, and in the audit log.
func (a *api) signal(x *call) error {
	r, err := a.rollout(x, access.Operate)
	if err != nil {
		return err
	}
	var body contract.Signal
	if err := x.JSON(mostBody, &body); err != nil {
		return err
	}
	kind, known := signals[body.Signal]
	switch {
	case !known:
		return exchange.Refuse(fleetcontract.InvalidRequest, "signal: %q is none of pause, resume, promote, rollback", body.Signal)
	case len(body.Reason) > mostReason || len(body.By) > mostReason:
		return exchange.Refuse(fleetcontract.InvalidRequest, "reason, by: have %d and %d bytes, and at most %d are taken", len(body.Reason), len(body.By), mostReason)
	}
	by := x.actor.Name
	if body.By != "" {
		by = body.By + ", told by " + by
	}
	after, err := a.Server.Signal(x.Context(), r.RolloutHead.Rollout, engine.Signal{
		Kind: kind, By: by, Cause: engine.Cause(body.Cause), Reason: body.Reason, Stage: body.Stage,
	})
	a.audit(x, store.Audit{
		Action: body.Signal, Environment: string(r.Environment), Plugin: r.Plugin, Rollout: r.RolloutHead.Rollout, Reason: body.Reason, Refused: why(err),
	})
	if err != nil {
		return err
	}
	return x.Answer(http.StatusOK, contract.Started{At: x.At(), Rollout: a.rolloutOf(&after)})
}

// waitForEvents gives the events of a rollout, after one of them. With wait, it waits for one;
// as a stream it says of each that there is one, and no more.
func (a *api) waitForEvents(x *call) error {
	r, err := a.rollout(x, access.Read)
	if err != nil {
		return err
	}
	after, err := x.Number("after", -1, -1)
	if err != nil {
		return err
	}
	id := r.RolloutHead.Rollout
	if strings.Contains(x.Asked("Accept"), eventStream) {
		return a.stream(x, after, func(ctx context.Context, after int64) (int64, error) {
			if err := a.Server.Store.Changed(ctx, id, after); err != nil {
				return after, err
			}
			now, err := a.Server.Store.Rollout(ctx, id)
			return now.Events - 1, err
		})
	}
	if err := x.poll(a.Wait, func(ctx context.Context) error { return a.Server.Store.Changed(ctx, id, after) }); err != nil {
		return err
	}
	j, err := a.Server.Store.Open(x.Context(), id)
	if err != nil {
		return err
	}
	events, err := j.Events(x.Context(), after)
	if err != nil {
		return err
	}
	if events == nil {
		events = []engine.Event{}
	}
	return x.Answer(http.StatusOK, contract.EventPage{At: x.At(), Items: events})
}

// audit writes a line of who did what. One that cannot be written is logged: what was done is
// in the journal too.
func (a *api) audit(x *call, line store.Audit) {
	line.At, line.Actor, line.Request = x.At(), x.actor.Name, exchange.RequestID(x.Request)
	if err := a.Server.Store.Audit(context.WithoutCancel(x.Context()), line); err != nil {
		text, _ := json.Marshal(line)
		a.Log.Error("the audit log cannot be written", "error", err, "line", string(text))
	}
}
