package api

import (
	"context"
	"encoding/base64"
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

// longestPoll is how many seconds a request waits at most for something to happen.
const longestPoll = 60

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
	if err := x.poll(func(ctx context.Context) error { return a.Server.Store.Changed(ctx, "", since) }); err != nil {
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
	q.Plugin, q.Text = v.Get("plugin"), v.Get("q")
	limit, err := x.Number("limit", 1, 100)
	if err == nil {
		q.InFlight, err = x.flag("unfinished")
	}
	if err == nil {
		q.Phases, err = among(x, "phase", phases)
	}
	if err == nil {
		q.Outcomes, err = among(x, "outcome", outcomes)
	}
	if err == nil {
		q.Below, err = placeOf(v.Get("cursor"))
	}
	if err != nil {
		return q, err
	}
	q.Limit = int(min(limit, mostRollouts))
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
func (x *call) poll(happens func(context.Context) error) error {
	seconds, err := x.Number("wait", 0, 0)
	if err != nil || seconds == 0 {
		return err
	}
	ctx, cancel := walker.Within(x.Context(), time.Duration(min(seconds, longestPoll))*time.Second)
	defer cancel()
	err = happens(ctx)
	if errors.Is(err, context.DeadlineExceeded) && x.Context().Err() == nil {
		return nil
	}
	return err
}
