package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// failing is a fleet that fails with an error, whatever it is asked; one that panics
// where there is none.
type failing struct {
	engine.Fleet
	err error
}

func (f failing) Describe(context.Context) (engine.Head, error) {
	if f.err == nil {
		panic("a fault")
	}
	return engine.Head{}, f.err
}

func (f failing) Make(context.Context, engine.Order) error { return f.err }

func (f failing) Look(context.Context, engine.Watch) (engine.Condition, error) {
	return engine.Condition{}, f.err
}

func (f failing) Measure(context.Context, engine.Question) (engine.Answer, error) {
	return engine.Answer{}, f.err
}

// fails makes the rig's fleet fail.
func fails(err error) func(*rig, *simulator.Config, *server.World) {
	return func(_ *rig, _ *simulator.Config, w *server.World) {
		w.Fleet, w.Meter = failing{err: err}, failing{err: err}
	}
}

const (
	shift    = `{"ordinal": 1, "candidate": "1.6.0", "change": {"kind": "shift", "routes": [{"slot": "blue", "percent": 100}]}}`
	watch    = `{"candidate": "1.6.0"}`
	question = `{"version": "1.6.0", "from": "2025-01-01T00:00:00Z", "to": "2025-01-01T00:10:00Z", "baseline": ["counts"]}`
	nowhere  = `{"candidate": "1.6.0", "targets": "%064d", "instances": {"from": 0, "to": 1}}`
)

// refusal is a request, and what is wrong with it.
type refusal struct {
	reason                     contract.Reason
	method, path, body, header string
	says                       string // in the detail
}

// TestRefusals has a request for each reason that a handler has.
func TestRefusals(t *testing.T) {
	r := newRig(t, func(r *rig, cfg *simulator.Config, _ *server.World) {
		cfg.Can = map[engine.Capability]bool{engine.CanSlots: false}
	})
	p := r.plan(t, "r1", "1.6.0")
	s := r.begin(t, p)
	other, list := start(r.plan(t, "r2", "1.7.0"))
	bad := func(change func(*contract.Start)) string {
		c := other
		change(&c)
		return text(c)
	}
	listOf := func(list string) string { return base + "/targets/" + contract.DigestOf([]byte(list)) }
	long := strings.Repeat("{\"instance\":\"i\"}\n", 401)
	event := func(e, head string) string { return `{"event": ` + text(e) + `, "head": ` + head + `}` }
	head := text(s.Head)
	fine := text(engine.Event{At: r.world.Now(), Kind: engine.Began})
	for _, c := range []refusal{
		{contract.Unauthenticated, "GET", "/v1", "", "Authorization: ", "no bearer token"},
		{contract.Unauthenticated, "GET", "/nowhere", "", "Authorization: Basic YTpi", "no bearer token"},
		{contract.Unauthenticated, "GET", base, "", "Authorization: Bearer not-to-be", "not the one"},
		{contract.NotFound, "GET", "/", "", "", "no /"},
		{contract.NotFound, "GET", "/v2", "", "", "no /v2"},
		{contract.NotFound, "GET", "/v1/", "", "", "no /v1/"},
		{contract.NotFound, "GET", base + "//instances", "", "", "instances"},
		{contract.NotFound, "GET", "/v1/../v1", "", "", "no /v1/../v1"},
		{contract.NotFound, "GET", fmt.Sprintf(base+"/targets/%064d", 0), "", "", "no list of targets"},
		{contract.UnknownPlugin, "GET", "/v1/environments/Production/plugins/other", "", "", `"other"`},
		{contract.UnknownPlugin, "PUT", "/v1/environments/Nowhere/plugins/gateway/rollouts/r1/orders/1", shift, "", `"Nowhere"`},
		{contract.UnknownRollout, "GET", base + "/rollouts/r9", "", "", "r9"},
		{contract.UnknownRollout, "GET", base + "/rollouts/r9/events", "", "", "r9"},
		{contract.UnknownRollout, "POST", base + "/rollouts/r9/events", event(fine, head), `If-Match: "0"`, "r9"},
		{contract.UnknownRollout, "PUT", base + "/rollouts/r9/owner", `{"owner": "a"}`, "", "r9"},
		{contract.UnknownRollout, "DELETE", base + "/rollouts/r9/lease?holder=a", "", "", "r9"},
		{contract.UnfinishedRollout, "PUT", base + "/rollouts/r2", text(other), once, "r1"},
		{contract.RolloutTaken, "PUT", base + "/rollouts/r1", bad(func(s *contract.Start) { s.Head.Rollout = "r1" }), once, "r1"},
		{contract.TargetsMissing, "POST", base + "/rollouts/r1/condition", fmt.Sprintf(nowhere, 0), "", "upload it"},
		{contract.TargetsDiffer, "PUT", fmt.Sprintf(base+"/targets/%064d", 0), list, "Content-Type: application/x-ndjson", other.Targets},
		{contract.SnapshotExpired, "GET", base + "/instances?cursor=XYZ.1.7", "", "", "is kept for"},
		{contract.SequenceConflict, "POST", base + "/rollouts/r1/events", event(text(engine.Event{Seq: 4, At: r.world.Now(), Kind: engine.Began}), head), `If-Match: "4"`, "0 is the next"},
		{contract.TooLarge, "POST", base + "/measurements", `{"slot": "` + strings.Repeat("x", 1<<16) + `"}`, "", "65536"},
		{contract.TooLarge, "PUT", listOf(long), long, "Content-Type: application/x-ndjson", ""},
		{contract.UnsupportedMedia, "POST", base + "/measurements", question, "Content-Type: text/plain", "text/plain"},
		{contract.UnsupportedMedia, "POST", base + "/measurements", question, "Content-Encoding: br", `"br"`},
		{contract.Refused, "PUT", base + "/rollouts/r1/orders/1", shift, "", "cannot do slots"},
		{contract.Refused, "PUT", base + "/rollouts/r1/orders/1", `{"ordinal": 1, "candidate": "", "change": {"kind": "dance"}}`, "", "dance"},
		{contract.NotSupported, "POST", "/v1/environments/QA/plugins/poor/measurements", question, "", "no traffic"},
		{contract.NotSupported, "GET", "/v1/environments/QA/plugins/poor/rollouts", "", "", "no rollouts"},
		{contract.NotSupported, "PUT", "/v1/environments/QA/plugins/poor/rollouts/r1", text(s), once, "no rollouts"},

		{contract.InvalidRequest, "GET", base + "/instances?limit=0", "", "", "limit"},
		{contract.InvalidRequest, "GET", base + "/instances?cursor=nonsense", "", "", "cursor"},
		{contract.InvalidRequest, "GET", base + "/targets/ABC", "", "", "digest"},
		{contract.InvalidRequest, "GET", base + "/rollouts?outcome=failed", "", "", "outcome"},
		{contract.InvalidRequest, "GET", base + "/rollouts?below=x", "", "", "below"},
		{contract.InvalidRequest, "GET", base + "/rollouts/r%201", "", "", `"r 1"`},
		{contract.InvalidRequest, "GET", base + "/rollouts/r1/events?after=-2", "", "", "after"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", text(other), "", "If-None-Match"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", `{`, once, "body"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", `null`, once, "null"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", `{} {}`, once, "body"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", "{\"plan\": \"\xff\"}", once, "UTF-8"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", bad(func(s *contract.Start) { s.Plan = "" }), once, "plan"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", bad(func(s *contract.Start) { s.Digest = "x" }), once, "digest"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", bad(func(s *contract.Start) { s.Targets = "x" }), once, "targets"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", bad(func(s *contract.Start) { s.Head.Rollout = "r3" }), once, "head.rollout"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", bad(func(s *contract.Start) { s.Head.Plugin = "x" }), once, "head"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", bad(func(s *contract.Start) { s.Head.Phase = "" }), once, "head.phase"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r2", bad(func(s *contract.Start) { s.Deployment = []byte(`{"pluginId": "x"}`) }), once, "deployment"},
		{contract.InvalidRequest, "PUT", listOf("[]\n"), "[]\n", "Content-Type: application/x-ndjson", "line 1"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/events", event(fine, head), "If-Match: 0", "If-Match"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/events", event("{}", head), `If-Match: "0"`, "kind"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/events", event(`{"seq": 0, "kind": "dance"}`, head), `If-Match: "0"`, "dance"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/events", event(text(engine.Event{At: r.world.Now(), Kind: engine.Reverted}), head), `If-Match: "0"`, "not possible"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/events", event(" "+fine, head), `If-Match: "0"`, "byte for byte"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/events", event(fine, head), `If-Match: "1"`, "number 0"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/events", event(fine, `{}`), `If-Match: "0"`, "head"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/owner", `{"owner": "` + strings.Repeat("x", 301) + `"}`, "", "301"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/lease", `{"holder": "a"}`, "", "seconds"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/lease", `{"holder": "", "seconds": 1}`, "", "holder"},
		{contract.InvalidRequest, "DELETE", base + "/rollouts/r1/lease", "", "", "holder"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/orders/-1", shift, "", `"-1"`},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/orders/1", `{"candidate": "", "change": {"kind": "shift"}}`, "", "ordinal"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/orders/1", `{"ordinal": 1, "change": {}}`, "", "kind"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/orders/1", `{"ordinal": 1, "change": {"kind": "provision", "count": -1}}`, "", "count"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/orders/1", `{"ordinal": 1, "change": {"kind": "shift", "routes": [{"slot": "a", "percent": 101}]}}`, "", "101"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/orders/1", `{"ordinal": 1, "change": {"kind": "pin", "tenants": {"from": 0, "to": 1}}}`, "", "targets"},
		{contract.InvalidRequest, "PUT", base + "/rollouts/r1/orders/1", `{"ordinal": 1, "targets": "` + s.Targets + `", "change": {"kind": "pin", "tenants": {"from": 0, "to": 151}}}`, "", "150"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/condition", `{"candidate": "", "instances": {"from": 0, "to": 1}}`, "", "targets"},
		{contract.InvalidRequest, "POST", base + "/rollouts/r1/condition", `{"candidate": "", "failures": -1}`, "", "failures"},
		{contract.InvalidRequest, "POST", base + "/measurements", `{"version": ""}`, "", "from"},
		{contract.InvalidRequest, "POST", base + "/measurements", strings.Replace(question, "00:10", "23:10", 1)[:len(question)-1] + `, "to": "2024-01-01T00:00:00Z"}`, "", "before from"},
		{contract.InvalidRequest, "POST", base + "/measurements", question[:len(question)-1] + `, "bounds": [5, 5]}`, "", "bounds"},
		{contract.InvalidRequest, "POST", base + "/measurements", question[:len(question)-1] + `, "tenantBound": -1}`, "", "tenantBound"},
		{contract.InvalidRequest, "POST", base + "/measurements", question, "Content-Encoding: gzip", "gzip"},
	} {
		var headers []string
		if c.header != "" {
			headers = append(headers, c.header)
		}
		r.refused(t, c, headers...)
	}
}

// refused asks what is refused.
func (r *rig) refused(t *testing.T, c refusal, headers ...string) *contract.Problem {
	t.Helper()
	rec := r.call(c.method, c.path, c.body, headers...)
	got := read[contract.Problem](t, rec)
	status := contract.StatusOf(c.reason)
	if rec.Code != status || got.Reason != c.reason || got.Status != status || rec.Header().Get("Content-Type") != contract.ProblemJSON {
		t.Errorf("%s %s %.80s: %d %s, want %s\n%s", c.method, c.path, c.body, rec.Code, rec.Header().Get("Content-Type"), c.reason, rec.Body)
	}
	if got.Title == "" || got.At.IsZero() || !strings.Contains(got.Detail, c.says) || rec.Header().Get("X-Request-Id") == "" {
		t.Errorf("%s %s %.80s: %q is not in\n%s", c.method, c.path, c.body, c.says, rec.Body)
	}
	if strings.Contains(rec.Body.String(), token) {
		t.Errorf("it tells the token: %s", rec.Body)
	}
	return &got
}

// TestFailures has a fleet fail.
func TestFailures(t *testing.T) {
	late := &engine.Unavailable{After: 1500 * time.Millisecond, Err: errors.New("it deploys itself")}
	for _, c := range []struct {
		err    error
		reason contract.Reason
		meter  contract.Reason
		retry  string
	}{
		{late, contract.Unavailable, contract.Unavailable, "2"},
		{fmt.Errorf("deep: %w", &engine.Unavailable{}), contract.Unavailable, contract.Unavailable, "1"},
		{errors.New("a fuse blew"), contract.Internal, contract.Unavailable, ""},
		{&engine.Refused{Reason: "never"}, contract.Refused, contract.Refused, ""},
		{engine.ErrSuperseded, contract.Superseded, contract.Superseded, ""},
	} {
		r := newRig(t, fails(c.err))
		for path, reason := range map[string]contract.Reason{base + "/rollouts/r/orders/1": c.reason, base + "/rollouts/r/condition": c.reason, base + "/measurements": c.meter, base: c.reason} {
			method, body := "POST", watch
			switch {
			case path == base:
				method, body = "GET", ""
			case strings.HasSuffix(path, "/1"):
				method, body = "PUT", shift
			case strings.HasSuffix(path, "measurements"):
				body = question
				if c.reason != contract.Unavailable {
					continue // it fails when it is asked what it can
				}
			}
			r.refused(t, refusal{reason: reason, method: method, path: path, body: body})
			if got := r.call(method, path, body).Header().Get("Retry-After"); got != c.retry {
				t.Errorf("%s: Retry-After %q, want %q", path, got, c.retry)
			}
		}
	}
	r := newRig(t, fails(nil))
	r.refused(t, refusal{reason: contract.Internal, method: "GET", path: base, says: "its log has more"})
	r.want(t, 200, "GET", "/v1", "") // the slot was given back
}

// TestMethods has methods that a path does not have.
func TestMethods(t *testing.T) {
	r := newRig(t, nil)
	for path, allow := range map[string]string{"/v1": "GET", base + "/rollouts/r1": "GET, PUT", base + "/rollouts/r1/lease": "DELETE, PUT"} {
		rec := r.call("PATCH", path, "")
		if got := read[contract.Problem](t, rec); rec.Code != http.StatusMethodNotAllowed || got.Status != rec.Code || got.Reason != contract.InvalidRequest || rec.Header().Get("Allow") != allow {
			t.Errorf("%s: %d, allow %q, %+v", path, rec.Code, rec.Header().Get("Allow"), got)
		}
	}
	r.want(t, 200, "HEAD", base, "")
}

// waiting is a fleet that answers when it is let.
type waiting struct {
	engine.Fleet
	asked, let chan struct{}
}

func (f waiting) Describe(context.Context) (engine.Head, error) {
	f.asked <- struct{}{}
	<-f.let
	return engine.Head{}, nil
}

// TestBusy has more requests at once than are taken.
func TestBusy(t *testing.T) {
	f := waiting{asked: make(chan struct{}), let: make(chan struct{})}
	r := newRig(t, func(r *rig, _ *simulator.Config, w *server.World) { r.options.AtOnce, w.Fleet = 1, f })
	done := make(chan int)
	go func() { done <- r.call("GET", base, "").Code }()
	<-f.asked
	r.refused(t, refusal{reason: contract.Busy, method: "GET", path: "/v1", says: "1 requests are under way"})
	r.want(t, 200, "GET", "/healthz", "")
	if got := r.call("GET", "/v1", "").Header().Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	close(f.let)
	if code := <-done; code != http.StatusOK {
		t.Errorf("the one under way: %d", code)
	}
	r.want(t, 200, "GET", "/v1", "")
}

// TestCompressed sends and gets gzip.
func TestCompressed(t *testing.T) {
	r := newRig(t, nil)
	zip := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(s))
		_ = z.Close()
		return b.String()
	}
	r.want(t, 200, "POST", base+"/measurements", zip(question), "Content-Encoding: gzip")
	r.refused(t, refusal{reason: contract.TooLarge, method: "POST", path: base + "/measurements", body: zip(`{"slot": "` + strings.Repeat("x", 1<<24) + `"}`)}, "Content-Encoding: gzip")
	r.refused(t, refusal{reason: contract.InvalidRequest, method: "POST", path: base + "/measurements", body: zip(question)[:40]}, "Content-Encoding: gzip")
	rec := r.want(t, 200, "GET", "/v1/openapi.yaml", "", "Accept-Encoding: gzip")
	if z, err := gzip.NewReader(rec.Body); rec.Header().Get("Content-Encoding") != "gzip" || err != nil || z == nil {
		t.Errorf("%v, %v", rec.Header(), err)
	}
}
