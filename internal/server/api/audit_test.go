package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// TestAudit has a line for each request that acts, also where it was refused, with its id.
func TestAudit(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	for _, c := range []struct {
		who, method, path, body string
		want                    contract.Audit // but for what is the same in each
	}{
		{"operator", "POST", base + "/rollouts", staging(t), contract.Audit{Action: "start", Environment: "Production", Plugin: "shop", Refused: "environment"}},
		{"operator", "POST", base + "/rollouts", "{", contract.Audit{Action: "start", Environment: "Production", Plugin: "shop", Refused: "JSON"}},
		{"reader", "POST", base + "/rollouts", production(t), contract.Audit{Action: "start", Environment: "Production", Plugin: "shop", Refused: "role operate"}},
		{"staging", "POST", base + "/rollouts", production(t), contract.Audit{Action: "start", Environment: "Production", Plugin: "shop", Refused: "role operate"}},
		{"operator", "POST", "/v1/environments/Staging/plugins/shop/rollouts", staging(t), contract.Audit{Action: "start", Environment: "Staging", Plugin: "shop", Rollout: "shop-staging-1"}},
		{"operator", "POST", "/v1/rollouts/r1/signals", `{"signal": "pause", "reason": "lunch"}`, contract.Audit{Action: "pause", Environment: "Production", Plugin: "shop", Rollout: "r1", Reason: "lunch"}},
		{"operator", "POST", "/v1/rollouts/r1/signals", `{"signal": "promote", "reason": "go"}`, contract.Audit{Action: "promote", Environment: "Production", Plugin: "shop", Rollout: "r1", Reason: "go", Refused: "paused"}},
		{"operator", "POST", "/v1/rollouts/r1/signals", `{"signal": "dance"}`, contract.Audit{Action: "signal", Environment: "Production", Plugin: "shop", Rollout: "r1", Refused: "dance"}},
		{"reader", "POST", "/v1/rollouts/r1/signals", `{"signal": "rollback"}`, contract.Audit{Action: "signal", Rollout: "r1", Refused: "role operate"}}, // nowhere
		{"staging", "POST", "/v1/rollouts/r1/signals", `{"signal": "rollback"}`, contract.Audit{Action: "signal", Environment: "Production", Plugin: "shop", Rollout: "r1", Refused: "no such rollout"}},
		{"operator", "POST", "/v1/rollouts/none/signals", `{"signal": "rollback"}`, contract.Audit{Action: "signal", Rollout: "none", Refused: "no such rollout"}},
		{"operator", "PUT", "/v1/rollouts/r1/owner", `{"owner": "me"}`, contract.Audit{Action: "own", Environment: "Production", Plugin: "shop", Rollout: "r1", Reason: "me"}},
		{"operator", "PUT", "/v1/rollouts/r1/owner", `{"owner": "you"}`, contract.Audit{Action: "own", Environment: "Production", Plugin: "shop", Rollout: "r1", Reason: "you", Refused: "me"}},
		{"admin", "POST", "/v1/tokens", `{"name": "ci", "grants": [{"role": "read"}]}`, contract.Audit{Action: "token.add", Reason: "ci"}},
		{"operator", "POST", "/v1/tokens", `{"name": "ci", "grants": [{"role": "admin"}]}`, contract.Audit{Action: "token.add", Refused: "role admin"}},
		{"admin", "DELETE", "/v1/tokens/t_none", "", contract.Audit{Action: "token.remove", Reason: "t_none", Refused: "no such token"}},
		{"operator", "POST", "/v1/rollouts/" + strings.Repeat("x", 5000) + "/signals", `{"signal": "rollback"}`, contract.Audit{Action: "signal", Refused: "no such rollout"}},
	} {
		id := "id-of-" + c.who
		r.call(c.who, c.method, c.path, c.body, "X-Request-Id: "+id)
		page := read[contract.Audits](t, r.want(http.StatusOK, "admin", "GET", "/v1/audit?limit=1", "").Body)
		if len(page.Items) != 1 {
			t.Fatalf("%s %s: %+v", c.method, c.path, page)
		}
		got := page.Items[0]
		fits := (got.Refused == "") == (c.want.Refused == "") && strings.Contains(got.Refused, c.want.Refused) && got.Actor == r.Actors[c.who].Name && got.Request == id
		got.ID, got.At, got.Actor, got.Request, got.Refused, c.want.Refused = 0, time.Time{}, "", "", "", ""
		if len(got.Rollout) < 400 && len(c.path) > 5000 {
			got.Rollout = ""
		}
		if !fits || got != c.want {
			t.Errorf("%s %s %.60s %.80s: %+v", c.who, c.method, c.path, c.body, page.Items[0])
		}
	}
	for _, path := range []string{"/v1", base, "/v1/rollouts", "/v1/rollouts/r1"} { // what only looks leaves none
		before := read[contract.Audits](t, r.want(http.StatusOK, "admin", "GET", "/v1/audit?limit=1", "").Body)
		r.want(http.StatusOK, "reader", "GET", path, "")
		if after := read[contract.Audits](t, r.want(http.StatusOK, "admin", "GET", "/v1/audit?limit=1", "").Body); after.Items[0].ID != before.Items[0].ID {
			t.Errorf("%s: %+v", path, after.Items)
		}
	}
	r.pagesOfAudits(t)
}

// pagesOfAudits reads the audit log page by page.
func (r *rig) pagesOfAudits(t *testing.T) {
	t.Helper()
	all := read[contract.Audits](t, r.want(http.StatusOK, "admin", "GET", "/v1/audit", "").Body)
	var ids []int64
	for below := ""; ; {
		page := read[contract.Audits](t, r.want(http.StatusOK, "admin", "GET", "/v1/audit?limit=5"+below, "").Body)
		for _, l := range page.Items {
			ids = append(ids, l.ID)
		}
		if page.Next == 0 {
			break
		}
		below = "&below=" + text(t, page.Next)
	}
	if len(ids) != len(all.Items) || len(ids) < 10 {
		t.Errorf("%d lines on pages, and %d at once", len(ids), len(all.Items))
	}
	for i := range ids {
		if ids[i] != all.Items[i].ID {
			t.Errorf("line %d is %d on its page, and %d at once", i, ids[i], all.Items[i].ID)
		}
	}
}
