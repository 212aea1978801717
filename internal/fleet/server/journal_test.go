package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// TestRollout has a rollout begin, write, and be given back byte for byte.
func TestRollout(t *testing.T) {
	r := newRig(t, nil)
	p := r.plan(t, "gateway-production-1", "1.6.0")
	s := r.begin(t, p)
	path := base + "/rollouts/" + p.Rollout
	if again := read[contract.Started](t, r.want(t, 200, "PUT", path, text(s), once)); again.Ordinal != 1 || again.At.IsZero() {
		t.Errorf("the same again: %+v", again)
	}
	events := []engine.Event{
		{Seq: 0, At: r.world.Now(), Kind: engine.Began, Writer: "w"},
		{Seq: 1, At: r.world.Now().Add(time.Second), Kind: engine.Aborted, By: "anna <a@b>", Error: "lunch\n\"quoted\" ü\u2028"},
		{Seq: 2, At: r.world.Now().Add(2 * time.Second), Kind: engine.Reverting},
	}
	for _, e := range events {
		if rec := r.append(t, p, e); rec.Code != 201 {
			t.Fatalf("event %d: %d %s", e.Seq, rec.Code, rec.Body)
		}
	}
	rec := r.want(t, 200, "GET", path+"/events?limit=2", "")
	page := read[contract.EventPage](t, rec)
	if tag := rec.Header().Get("ETag"); tag != `"3"` || len(page.Items) != 2 || !page.More {
		t.Errorf("%s, %+v", tag, page)
	}
	page = read[contract.EventPage](t, r.want(t, 200, "GET", path+"/events?after=1", ""))
	if len(page.Items) != 1 || page.More || page.Items[0].Event != text(events[2]) || page.Items[0].Seq != 2 {
		t.Errorf("after 1: %+v", page)
	}
	for _, after := range []string{"2", "99"} {
		rec = r.want(t, 200, "GET", path+"/events?after="+after, "")
		if tag := rec.Header().Get("ETag"); tag != `"3"` || !strings.Contains(rec.Body.String(), `"items":[]`) {
			t.Errorf("after %s: %s, %s", after, tag, rec.Body)
		}
	}
	got := read[contract.Rollout](t, r.want(t, 200, "GET", path, ""))
	if got.Plan != s.Plan || got.Digest != s.Digest || got.Targets != s.Targets || string(got.Deployment) != string(s.Deployment) || got.Ordinal != 1 || got.Head.Events != 3 {
		t.Errorf("%+v", got)
	}
	_, list := start(p)
	if back := r.want(t, 200, "GET", base+"/targets/"+s.Targets, "").Body.String(); back != list {
		t.Error("the list of targets is another one than came")
	}
}

// TestList pages through rollouts.
func TestList(t *testing.T) {
	r := newRig(t, nil)
	outcomes := []engine.Outcome{engine.RolledBack, engine.Succeeded, engine.RolledBack, ""}
	for i, outcome := range outcomes {
		p := r.plan(t, "r"+text(i+1), "1.6."+text(i))
		r.begin(t, p)
		if outcome != "" {
			r.finish(t, p, outcome)
		}
	}
	for query, want := range map[string]string{
		"": "r4 r3 r2 r1", "?limit=2": "r4 r3 more", "?limit=2&below=3": "r2 r1", "?outcome=rolled_back": "r3 r1", "?outcome=rolled_back&limit=1": "r3 more",
		"?outcome=retained": "", "?below=1": "",
	} {
		page := read[contract.RolloutPage](t, r.want(t, 200, "GET", base+"/rollouts"+query, ""))
		var got []string
		for _, h := range page.Items {
			got = append(got, h.Rollout)
		}
		if page.More {
			got = append(got, "more")
		}
		if s := strings.Join(got, " "); s != want || page.Items == nil {
			t.Errorf("%s: %s, want %s", query, s, want)
		}
	}
}

// TestOwner takes a rollout over.
func TestOwner(t *testing.T) {
	r := newRig(t, nil)
	p := r.plan(t, "r1", "1.6.0")
	r.begin(t, p)
	path := base + "/rollouts/r1"
	r.want(t, 409, "PUT", path+"/owner", `{"owner": "b", "previous": "a"}`)
	r.want(t, 200, "PUT", path+"/owner", `{"owner": "a"}`)
	r.want(t, 409, "PUT", path+"/owner", `{"owner": "b"}`)
	r.want(t, 200, "PUT", path+"/owner", `{"owner": "b", "previous": "a"}`)
	if got := read[contract.Rollout](t, r.want(t, 200, "GET", path, "")); got.Owner != "b" || got.Deployment == nil {
		t.Errorf("%+v", got)
	}
}

// TestLease has two walkers, of whom one waits.
func TestLease(t *testing.T) {
	r := newRig(t, nil)
	r.begin(t, r.plan(t, "r1", "1.6.0"))
	path := base + "/rollouts/r1"
	got := read[contract.Lease](t, r.want(t, 200, "PUT", path+"/lease", `{"holder": "anna", "seconds": 30}`))
	if got.Holder != "anna" || !got.Until.Equal(r.world.Now().Add(30*time.Second)) {
		t.Errorf("%+v", got)
	}
	other := read[contract.Problem](t, r.want(t, 409, "PUT", path+"/lease", `{"holder": "bert", "seconds": 30}`))
	if other.Reason != contract.Leased || other.Lease == nil || other.Lease.Holder != "anna" {
		t.Errorf("%+v", other)
	}
	r.want(t, 200, "DELETE", path+"/lease?holder=bert", "")
	r.want(t, 409, "PUT", path+"/lease", `{"holder": "bert", "seconds": 30}`)
	r.want(t, 200, "PUT", path+"/lease", `{"holder": "anna", "seconds": 60}`)
	if got := read[contract.Rollout](t, r.want(t, 200, "GET", path, "")); got.Lease == nil || got.Lease.Holder != "anna" {
		t.Errorf("%+v", got.Lease)
	}
	r.world.RunUntil(r.world.Now().Add(time.Minute))
	if got := read[contract.Rollout](t, r.want(t, 200, "GET", path, "")); got.Lease != nil {
		t.Errorf("it has passed, and is %+v", got.Lease)
	}
	r.want(t, 200, "PUT", path+"/lease", `{"holder": "bert", "seconds": 30}`)
	r.want(t, 200, "DELETE", path+"/lease?holder=bert", "")
	r.want(t, 200, "PUT", path+"/lease", `{"holder": "anna", "seconds": 30}`)
}
