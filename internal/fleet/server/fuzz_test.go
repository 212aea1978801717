package server_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// FuzzBodies sends any body to whatever takes one: it is taken, or a problem says why not,
// and never that the server has a fault.
func FuzzBodies(f *testing.F) {
	paths := []string{
		"PUT /rollouts/r2", "POST /rollouts/r1/events", "PUT /rollouts/r1/owner", "PUT /rollouts/r1/lease", "PUT /rollouts/r1/orders/1",
		"POST /rollouts/r1/condition", "POST /measurements", "PUT /targets/" + strings.Repeat("0", 64),
	}
	for i, body := range []string{
		`{"plan": "{}", "digest": "` + strings.Repeat("0", 64) + `", "targets": "` + strings.Repeat("0", 64) + `", "head": {"rollout": "r2", "environment": "Production", "plugin": "gateway", "phase": "progressing"}}`,
		`{"event": "{\"seq\":0,\"at\":\"2025-01-01T00:00:00Z\",\"kind\":\"paused\",\"stage\":0,\"by\":\"a\"}", "head": {"rollout": "r1", "environment": "Production", "plugin": "gateway", "phase": "paused", "ordinal": 1, "stage": "s", "events": 1}}`,
		`{"owner": "a"}`, `{"holder": "a", "seconds": 1}`, shift, `{"candidate": "1.6.0", "slot": "blue", "named": ["x"], "except": ["y"], "failures": 1, "since": "2025-01-01T00:00:00Z"}`,
		question, "{\"instance\":\"i\"}\n{\"tenant\":\"t\",\"weight\":1e400}\n",
	} {
		f.Add(i, []byte(body))
	}
	f.Fuzz(func(t *testing.T, at int, body []byte) {
		if at < 0 || at >= len(paths) {
			return
		}
		r := newRig(t, nil)
		r.begin(t, r.plan(t, "r1", "1.6.0"))
		method, path, _ := strings.Cut(paths[at], " ")
		kind := contract.JSON
		if at == len(paths)-1 {
			path, kind = "/targets/"+contract.DigestOf(body), contract.NDJSON
		}
		rec := r.call(method, base+path, string(body), once, `If-Match: "0"`, "Content-Type: "+kind)
		if !json.Valid(rec.Body.Bytes()) || rec.Code >= 500 {
			t.Errorf("%s: %d %s", paths[at], rec.Code, rec.Body)
		}
		if rec.Code >= 400 {
			if p := read[contract.Problem](t, rec); contract.StatusOf(p.Reason) != rec.Code {
				t.Errorf("%d with %s", rec.Code, p.Reason)
			}
		} else if at == 1 { // what was taken is given back
			page := read[contract.EventPage](t, r.want(t, 200, "GET", base+"/rollouts/r1/events", ""))
			var sent contract.Append
			if err := json.Unmarshal(body, &sent); err != nil || len(page.Items) != 1 || page.Items[0].Event != sent.Event {
				t.Errorf("%v, %+v", err, page)
			}
		} else if at == len(paths)-1 {
			if back := r.want(t, 200, "GET", base+path, ""); !bytes.Equal(back.Body.Bytes(), body) {
				t.Errorf("%q came, and %q is given back", body, back.Body)
			}
		}
	})
}

// FuzzQueries asks with any path, query, cursor and header.
func FuzzQueries(f *testing.F) {
	for _, s := range []string{"/instances?limit=3", "/tenants?cursor=a.1.2", "/rollouts?below=9223372036854775807&outcome=stuck", "/rollouts/r1/events?after=9223372036854775806", "/rollouts/%2e%2e", "/targets/x", "//", "/rollouts/r1/lease?holder=a"} {
		f.Add(s, `"0"`, "application/json; charset=utf-8", "id")
	}
	r := newRig(f, nil)
	f.Fuzz(func(t *testing.T, path, match, kind, id string) {
		for _, c := range []byte(path + match + kind + id) {
			if c <= ' ' || c >= 0x7f {
				return // no request is like that
			}
		}
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "%") && !strings.Contains(path, "%2e") {
			return
		}
		for _, method := range []string{"GET", "POST", "DELETE"} {
			rec := r.call(method, base+path, "{}", "If-Match: "+match, "Content-Type: "+kind, "X-Request-Id: "+id)
			if rec.Code >= 500 && rec.Code != 501 {
				t.Errorf("%s %s: %d %s", method, path, rec.Code, rec.Body)
			}
		}
	})
}
