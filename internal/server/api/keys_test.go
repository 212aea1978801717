package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// atOnce asks n times at once.
func atOnce(n int, ask func(i int) *httptest.ResponseRecorder) []*httptest.ResponseRecorder {
	all := make([]*httptest.ResponseRecorder, n)
	var wait sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-begin
			all[i] = ask(i)
		})
	}
	close(begin)
	wait.Wait()
	return all
}

// TestKeyAtOnce starts with the same key twenty times at once: there is one rollout, and
// exactly one answer says that it is new.
func TestKeyAtOnce(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	fresh := 0
	for _, rec := range atOnce(20, func(int) *httptest.ResponseRecorder {
		return r.call("operator", "POST", base+"/rollouts", production(t), "Idempotency-Key: k1")
	}) {
		got := read[contract.Started](t, rec.Body)
		switch rec.Code {
		case http.StatusCreated:
			fresh++
		case http.StatusOK:
		default:
			t.Errorf("%d %+v", rec.Code, got)
		}
		if got.ID != "shop-production-1" || rec.Header().Get("Location") != "/v1/rollouts/"+got.ID {
			t.Errorf("%s at %s", got.ID, rec.Header().Get("Location"))
		}
	}
	if page := read[contract.RolloutPage](t, r.want(http.StatusOK, "reader", "GET", "/v1/rollouts", "").Body); fresh != 1 || len(page.Items) != 1 {
		t.Errorf("%d answers say that it began, and there are %d rollouts", fresh, len(page.Items))
	}
	// the same request in other spaces is the same, and so is one after the rollout ended
	same := strings.ReplaceAll(production(t), ":", " :  ")
	r.want(http.StatusOK, "operator", "POST", base+"/rollouts", same, "Idempotency-Key: k1")
}

// TestStartsAtOnce starts many at once, each what was approved: exactly one begins, and the
// others hear which.
func TestStartsAtOnce(t *testing.T) {
	t.Parallel()
	for _, versions := range [][]string{{"1.1.0"}, {"1.1.0", "2.0.0"}} { // the same, and others
		r := still(t, nil)
		var bodies []string
		for _, v := range versions {
			ask := canary(engine.Production, "shop", v, "")
			ask.Expect = read[contract.Plan](t, r.want(http.StatusOK, "reader", "POST", base+"/plan", text(t, ask)).Body).Outline
			bodies = append(bodies, text(t, ask))
		}
		fresh := 0
		for _, rec := range atOnce(8, func(i int) *httptest.ResponseRecorder {
			return r.call("operator", "POST", base+"/rollouts", bodies[i%len(bodies)])
		}) {
			if rec.Code == http.StatusCreated {
				fresh++
				continue
			}
			if p := r.problem(rec, refusal{reason: fleetcontract.UnfinishedRollout}); p.Unfinished == nil || p.Unfinished.Rollout != "shop-production-1" {
				t.Errorf("%+v", p)
			}
		}
		if page := read[contract.RolloutPage](t, r.want(http.StatusOK, "reader", "GET", "/v1/rollouts", "").Body); fresh != 1 || len(page.Items) != 1 {
			t.Errorf("%d begin, and there are %d rollouts", fresh, len(page.Items))
		}
	}
}

// TestKeysOfOthers has a key be of its plugin in its environment: nothing is heard of others.
func TestKeysOfOthers(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.want(http.StatusCreated, "operator", "POST", base+"/rollouts", production(t), "Idempotency-Key: k1")
	got := read[contract.Started](t, r.want(http.StatusCreated, "staging", "POST", "/v1/environments/Staging/plugins/shop/rollouts", staging(t), "Idempotency-Key: k1").Body)
	if got.Environment != "Staging" {
		t.Errorf("%+v", got)
	}
}
