package api_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/api"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// production and staging ask for a good version there.
func production(t testing.TB) string {
	return text(t, canary(engine.Production, "shop", "1.1.0", ""))
}
func staging(t testing.TB) string { return text(t, canary(engine.Staging, "shop", "1.1.0", "")) }

// TestReasons has every path refuse what it has to.
func TestReasons(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	started := read[contract.Started](t, r.want(http.StatusCreated, "operator", "POST", base+"/rollouts", production(t), "Idempotency-Key: k1").Body)
	rollout := "/v1/rollouts/" + started.ID
	watch := `{"candidate": "1.1.0", "targets": "` + strings.Repeat("0", 64) + `", "instances": {"from": 0, "to": 1}}`
	for _, c := range []refusal{
		{reason: fleetcontract.Unauthenticated, method: "GET", path: "/v1", says: "bearer token"},
		{reason: fleetcontract.Unauthenticated, who: "wrong", method: "GET", path: "/v1/nothing"},
		{reason: fleetcontract.Forbidden, who: "reader", method: "POST", path: base + "/rollouts", body: production(t), says: "rudi does not have the role operate in Production"},
		{reason: fleetcontract.Forbidden, who: "reader", method: "POST", path: rollout + "/signals", body: `{"signal": "pause"}`, says: "operate"},
		{reason: fleetcontract.Forbidden, who: "operator", method: "GET", path: "/v1/audit", says: "admin"},
		{reason: fleetcontract.Forbidden, who: "operator", method: "POST", path: base + "/rollouts", body: production(t), header: "Sec-Fetch-Site: cross-site", says: "another origin"},
		{reason: fleetcontract.NotFound, who: "reader", method: "GET", path: "/v1/nothing", says: "/v1/nothing"},
		{reason: fleetcontract.NotFound, who: "reader", method: "GET", path: "/", says: "there is no /"},
		{reason: fleetcontract.NotFound, who: "reader", method: "GET", path: "/metrics"},
		{reason: fleetcontract.NotFound, who: "admin", method: "DELETE", path: "/v1/tokens/t_none", says: "t_none"},
		{reason: fleetcontract.NotFound, who: "reader", method: "GET", path: base + "/targets/" + strings.Repeat("0", 64)},
		{reason: fleetcontract.UnknownPlugin, who: "reader", method: "GET", path: "/v1/environments/Production/plugins/none", says: "none"},
		{reason: fleetcontract.UnknownPlugin, who: "operator", method: "POST", path: "/v1/environments/Production/plugins/none/rollouts", body: text(t, canary(engine.Production, "none", "1", ""))},
		{reason: contract.UnknownEnvironment, who: "reader", method: "GET", path: "/v1/environments/Moon/plugins/shop", says: "Moon"},
		{reason: fleetcontract.UnknownRollout, who: "reader", method: "GET", path: "/v1/rollouts/none"},
		{reason: fleetcontract.UnknownRollout, who: "reader", method: "GET", path: "/v1/rollouts/none/events?wait=5"},
		{reason: fleetcontract.UnknownRollout, who: "operator", method: "POST", path: "/v1/rollouts/none/signals", body: `{"signal": "pause"}`},
		{reason: fleetcontract.UnknownRollout, who: "operator", method: "POST", path: base + "/plan", body: `{"restores": "none"}`},
		{reason: fleetcontract.UnfinishedRollout, who: "operator", method: "POST", path: base + "/rollouts", body: text(t, canary(engine.Production, "shop", "2.0.0", "")), says: started.ID},
		{reason: contract.KeyUsed, who: "operator", method: "POST", path: base + "/rollouts", body: text(t, canary(engine.Production, "shop", "2.0.0", "")), header: "Idempotency-Key: k1"},
		{reason: contract.AlreadyActive, who: "operator", method: "POST", path: base + "/rollouts", body: text(t, canary(engine.Production, "shop", "1.0.0", "")), says: "1.0.0"},
		{reason: contract.FleetChanged, who: "operator", method: "POST", path: base + "/rollouts", body: strings.Replace(production(t), "{", `{"expect": "0123",`, 1)},
		{reason: contract.StageDiffers, who: "operator", method: "POST", path: rollout + "/signals", body: `{"signal": "pause", "stage": "100%"}`, says: "100%"},
		{reason: contract.WrongPhase, who: "operator", method: "POST", path: rollout + "/signals", body: `{"signal": "promote"}`, says: "progressing"},
		{reason: fleetcontract.OwnerDiffers, who: "operator", method: "PUT", path: rollout + "/owner", body: `{"owner": "a", "previous": "b"}`},
		{reason: contract.InvalidDeployment, who: "reader", method: "POST", path: base + "/plan", body: staging(t), says: "environment"},
		{reason: contract.InvalidDeployment, who: "reader", method: "POST", path: base + "/plan", body: `{"deployment": {"pluginId": 7}}`, says: "deployment"},
		{reason: fleetcontract.TargetsMissing, who: "reader", method: "POST", path: base + "/rollouts/" + started.ID + "/condition", body: watch},
		{reason: fleetcontract.TargetsDiffer, who: "reader", method: "PUT", path: base + "/targets/" + strings.Repeat("0", 64), body: "{\"tenant\":\"t\"}\n", header: "Content-Type: application/x-ndjson"},
		{reason: fleetcontract.TooLarge, who: "reader", method: "POST", path: base + "/plan", body: `{"restores": "` + strings.Repeat("x", 1<<20) + `"}`, says: "1048576"},
		{reason: fleetcontract.UnsupportedMedia, who: "reader", method: "POST", path: base + "/plan", body: production(t), header: "Content-Type: text/plain", says: "text/plain"},
		{reason: fleetcontract.UnsupportedMedia, who: "reader", method: "POST", path: base + "/plan", body: production(t), header: "Content-Encoding: br", says: "br"},
		{reason: fleetcontract.SnapshotExpired, who: "reader", method: "GET", path: base + "/instances?cursor=" + gone},
	} {
		r.refused(c)
	}
}

// gone is a cursor of a list that nobody keeps.
const gone = "old.1.1"

// TestInvalid has requests that are not as their schemas have them.
func TestInvalid(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	started := read[contract.Started](t, r.want(http.StatusCreated, "operator", "POST", base+"/rollouts", production(t)).Body)
	rollout := "/v1/rollouts/" + started.ID
	long := strings.Repeat("x", 1501)
	for _, c := range []refusal{
		{method: "GET", path: "/v1/rollouts?limit=0", says: "limit"},
		{method: "GET", path: "/v1/rollouts?limit=x", says: "limit"},
		{method: "GET", path: "/v1/rollouts?cursor=%25", says: "cursor"},
		{method: "GET", path: "/v1/rollouts?cursor=eA", says: "cursor"},
		{method: "GET", path: "/v1/rollouts?since=-1", says: "since"},
		{method: "GET", path: "/v1/rollouts?wait=-1", says: "wait"},
		{method: "GET", path: "/v1/rollouts?phase=dancing", says: "dancing"},
		{method: "GET", path: "/v1/rollouts?outcome=fine", says: "fine"},
		{method: "GET", path: "/v1/rollouts?unfinished=perhaps", says: "perhaps"},
		{method: "GET", path: "/v1/rollouts/changes", header: "Last-Event-ID: x", says: "Last-Event-ID"},
		{method: "GET", path: rollout + "?glimpse=yes", says: "glimpse"},
		{method: "GET", path: rollout + "/events?after=-2", says: "after"},
		{method: "GET", path: rollout + "/events?wait=1s", says: "wait"},
		{method: "GET", path: "/v1/audit?below=0", says: "below"},
		{method: "GET", path: "/v1/audit?limit=-1", says: "limit"},
		{method: "POST", path: base + "/plan", body: `{}`, says: "exactly one"},
		{method: "POST", path: base + "/plan", body: `{"deployment": null}`, says: "exactly one"},
		{method: "POST", path: base + "/plan", body: `{"deployment": {}, "restores": "a"}`, says: "exactly one"},
		{method: "POST", path: base + "/plan", body: `null`, says: "null"},
		{method: "POST", path: base + "/plan", body: `[]`, says: "body"},
		{method: "POST", path: base + "/plan", body: `{`, says: "body"},
		{method: "POST", path: base + "/plan", body: `{} {}`, says: "body"},
		{method: "POST", path: base + "/plan", body: "{\"restores\": \"\xff\"}", says: "UTF-8"},
		{method: "POST", path: base + "/plan", body: `{"restores": 7}`, says: "restores"},
		{method: "POST", path: base + "/plan", body: production(t), header: "Content-Encoding: gzip", says: "gzip"},
		{method: "POST", path: base + "/rollouts", body: production(t), header: "Idempotency-Key: " + strings.Repeat("k", 201), says: "201"},
		{method: "POST", path: base + "/rollouts", body: production(t), header: "Idempotency-Key: \xff", says: "UTF-8"},
		{method: "POST", path: rollout + "/signals", body: `{}`, says: "signal"},
		{method: "POST", path: rollout + "/signals", body: `{"signal": "left"}`, says: "left"},
		{method: "POST", path: rollout + "/signals", body: `{"signal": "pause", "reason": "` + long + `"}`, says: "1501"},
		{method: "POST", path: rollout + "/signals", body: `{"signal": "pause", "by": "` + long + `"}`, says: "1501"},
		{method: "POST", path: rollout + "/signals", body: `{"signal": "pause", "cause": "whim"}`, says: "whim"},
		{method: "PUT", path: rollout + "/owner", body: `{"owner": "` + strings.Repeat("x", 301) + `"}`, says: "301"},
		{method: "POST", path: "/v1/tokens", body: `{"name": "", "grants": [{"role": "read"}]}`, says: "name"},
		{method: "POST", path: "/v1/tokens", body: `{"name": "a"}`, says: "grants"},
		{method: "POST", path: "/v1/tokens", body: `{"name": "a", "grants": [{"role": "king"}]}`, says: "role"},
		{method: "POST", path: "/v1/tokens", body: `{"name": "a", "grants": [{"role": "admin", "environments": ["Staging"]}]}`, says: "admin"},
		{method: "POST", path: "/v1/tokens", body: `{"name": "a", "grants": [{"role": "read"}], "expires": "2020-01-01T00:00:00Z"}`, says: "expires"},
		{method: "POST", path: base + "/measurements", body: `{"version": ""}`, says: "from"},
	} {
		c.reason, c.who = fleetcontract.InvalidRequest, "admin"
		r.refused(c)
	}
}

// failing is a world whose fleet cannot be asked.
type failing struct {
	server.World
	err error
}

func (f failing) Describe(context.Context) (engine.Head, error) {
	if f.err == nil {
		panic("a fault")
	}
	return engine.Head{}, f.err
}

func (f failing) Instances(context.Context) iter.Seq2[engine.Instance, error] {
	return func(yield func(engine.Instance, error) bool) { yield(engine.Instance{}, f.err) }
}

func (f failing) Tenants(context.Context) iter.Seq2[engine.Tenant, error] {
	return func(yield func(engine.Tenant, error) bool) { yield(engine.Tenant{}, f.err) }
}

func (f failing) Measure(context.Context, engine.Question) (engine.Answer, error) {
	return engine.Answer{}, f.err
}

// failures are worlds that fail.
type failures struct {
	server.Worlds
	err error
}

func (f failures) World(e engine.Environment, plugin string) (server.World, error) {
	w, err := f.Worlds.World(e, plugin)
	return failing{w, f.err}, err
}

// doors is a gate that lets nobody in.
type doors struct{ err error }

func (d doors) Authenticate(*http.Request) (*access.Actor, error) { return nil, d.err }

// TestGate has a gate that lets nobody in, for each of its reasons.
func TestGate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		reason fleetcontract.Reason
		retry  string
	}{
		{&access.UnauthenticatedError{Reason: "the token is over"}, fleetcontract.Unauthenticated, ""},
		{&access.TooManyError{After: 1500 * time.Millisecond}, fleetcontract.Busy, "2"},
		{&access.UnavailableError{What: "the issuer is away", Err: errors.New("secret address")}, fleetcontract.Unavailable, "1"},
	} {
		r := still(t, func(o *api.Options) { o.Gate = doors{c.err} })
		for _, path := range []string{"/v1", "/v1/nothing", base, "/v1/rollouts/none", "//"} {
			if p := r.refused(refusal{reason: c.reason, who: "admin", method: "GET", path: path}); strings.Contains(p.Detail, "secret") {
				t.Errorf("it tells what nobody needs: %s", p.Detail)
			}
			if got := r.call("admin", "GET", path, "").Header().Get("Retry-After"); got != c.retry {
				t.Errorf("%s: Retry-After %q, want %q", path, got, c.retry)
			}
		}
		r.want(http.StatusOK, "", "GET", "/healthz", "")
		r.want(http.StatusOK, "", "GET", "/readyz", "")
	}
}

// TestFailures has what is behind the API fail.
func TestFailures(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	started := read[contract.Started](t, r.want(http.StatusCreated, "operator", "POST", base+"/rollouts", production(t)).Body)
	with := func(err error) *rig {
		o := r.Server.Options
		o.Worlds = failures{r.Worlds, err}
		return &rig{r.Rig, t, servertest.Recorded(api.New(api.Options{
			Server: server.New(o), Gate: r.Actors, Now: o.Now, Wait: o.Wait, Ready: func(context.Context) error { return errors.New("it ends") },
		}))}
	}
	broken := with(errors.New("a fuse blew"))
	for _, path := range []string{base + "/plan", base + "/rollouts"} {
		broken.refused(refusal{reason: contract.FleetUnavailable, who: "operator", method: "POST", path: path, body: production(t), says: "a fuse blew"})
	}
	broken.refused(refusal{reason: contract.FleetUnavailable, who: "reader", method: "GET", path: "/v1/rollouts/" + started.ID + "/targets", says: "a fuse blew"})
	for _, path := range []string{base, base + "/instances", base + "/tenants"} { // what a fleet that is away is asked, is no fault of the server
		broken.refused(refusal{reason: contract.FleetUnavailable, who: "reader", method: "GET", path: path, says: "a fuse blew"})
	}
	broken.refused(refusal{reason: fleetcontract.Unavailable, method: "GET", path: "/readyz", says: "it ends"})
	faulty := with(nil)
	faulty.refused(refusal{reason: fleetcontract.Internal, who: "reader", method: "GET", path: base, says: "its log has more"})
	faulty.want(http.StatusOK, "reader", "GET", "/v1/rollouts/"+started.ID+"?glimpse=true", "") // what cannot be seen is left out
	late := with(&engine.Unavailable{Err: errors.New("it deploys itself")})
	late.refused(refusal{reason: fleetcontract.Unavailable, who: "reader", method: "GET", path: base, says: "it deploys itself"})
	for _, err := range []error{engine.ErrSuperseded, engine.ErrConflict} { // which are none of this API's
		with(err).refused(refusal{reason: fleetcontract.Internal, who: "reader", method: "GET", path: base})
	}
	with(&engine.Refused{Reason: "there are no counters"}).refused(refusal{
		reason: fleetcontract.NotSupported, who: "reader", method: "POST", path: base + "/measurements", says: "there are no counters",
		body: `{"version": "1.1.0", "from": "2025-01-01T00:00:00Z", "to": "2025-01-01T00:10:00Z"}`,
	})
}
