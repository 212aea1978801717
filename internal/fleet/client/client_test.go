package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func instances(next string, ids ...string) answer {
	p := contract.Page[contract.Instance]{Next: next}
	for _, id := range ids {
		p.Items = append(p.Items, contract.Instance{ID: id})
	}
	return answer{200, "", p}
}

func idsOf(t *testing.T, w *client.World) (ids []string, err error) {
	for i, err := range w.Instances(t.Context()) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, i.ID)
	}
	return ids, nil
}

// TestLists reads lists page by page, begins those again that expired, and refuses those
// that are none.
func TestLists(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []answer
		want    string // ids
		fails   string
	}{
		{"one page", []answer{instances("", "a", "b")}, "[a b]", ""},
		{"three pages, one of them empty", []answer{instances("x", "a"), instances("y"), instances("", "b")}, "[a b]", ""},
		{"it expires, and another one joined meanwhile", []answer{instances("x", "a", "c"), problem(contract.SnapshotExpired, ""), instances("y", "a", "b"), instances("", "c", "d")}, "[a c d]", ""},
		{"it expires again and again", []answer{instances("x", "a"), problem(contract.SnapshotExpired, "no more")}, "[a]", "snapshot-expired: no more"},
		{"not sorted", []answer{instances("", "b", "a")}, "[b]", `not sorted by id, or there twice: "a" comes after "b"`},
		{"twice on two pages", []answer{instances("x", "a"), instances("", "a")}, "[a]", `"a" comes after "a"`},
		{"without an end", []answer{instances("x", "a"), instances("x", "b")}, "[a b]", `names itself as the next`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := fleet(t, map[string][]answer{"GET /instances": c.answers})
			ids, err := idsOf(t, w)
			if fmt.Sprint(ids) != c.want {
				t.Errorf("%v, want %s", ids, c.want)
			}
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v, want %q", err, c.fails)
			}
		})
	}
}

// TestMake says what each answer to an order means, and that an order is sent once.
func TestMake(t *testing.T) {
	busy := problem(contract.Busy, "later")
	busy.after = "7"
	for _, c := range []struct {
		name   string
		answer answer
		is     func(error) bool
	}{
		{"taken", answer{202, "", contract.Taken{}}, func(err error) bool { return err == nil }},
		{"superseded", problem(contract.Superseded, ""), func(err error) bool { return errors.Is(err, engine.ErrSuperseded) }},
		{"another order", problem(contract.OrderDiffers, ""), func(err error) bool { return errors.Is(err, engine.ErrSuperseded) }},
		{"refused", problem(contract.Refused, "no such version"), func(err error) bool {
			var r *engine.Refused
			return errors.As(err, &r) && strings.Contains(r.Reason, "no such version")
		}},
		{"not supported", problem(contract.NotSupported, ""), func(err error) bool { return errors.As(err, new(*engine.Refused)) }},
		{"busy", busy, func(err error) bool {
			var u *engine.Unavailable
			return errors.As(err, &u) && u.After == 7*time.Second
		}},
		{"a fault", problem(contract.Internal, "oh"), func(err error) bool {
			return err != nil && !errors.As(err, new(*engine.Refused)) && !errors.As(err, new(*engine.Unavailable)) && strings.Contains(err.Error(), "internal: oh")
		}},
		{"a page to log in on", answer{200, "", "<html><title>Sign in</title>"}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "HTML page") }},
		{"an empty answer", answer{202, "", json.RawMessage(`{"untimed": 1}`)}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "it has no at") }},
		{"the token expired", problem(contract.Unauthenticated, ""), func(err error) bool {
			return err != nil && !errors.As(err, new(*engine.Refused)) && strings.Contains(err.Error(), "401")
		}},
		{"a gateway's page", answer{502, "", "<html><title>Bad Gateway</title>"}, func(err error) bool {
			return err != nil && !errors.As(err, new(*engine.Refused)) && strings.Contains(err.Error(), "502")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := fleet(t, map[string][]answer{"PUT /rollouts/r/orders/3": {c.answer}})
			err := w.Make(t.Context(), engine.Order{Rollout: "r", Ordinal: 1, Seq: 3, Change: engine.Change{Kind: engine.Retire, Slot: "green"}})
			if !c.is(err) {
				t.Errorf("%v", err)
			}
			if len(s.asked) != 2 {
				t.Errorf("it was asked %v", s.asked)
			}
		})
	}
}

// TestTargets uploads a list when the fleet misses it, once for all that refers to it.
func TestTargets(t *testing.T) {
	all := engine.Targets{Instances: []engine.PlanInstance{{ID: "i1"}, {ID: "i2"}, {ID: "i3"}}, Tenants: []engine.Tenant{{ID: "t1"}}}
	list := contract.EncodeTargets(all)
	digest := contract.DigestOf(list)
	w, s := fleet(t, map[string][]answer{
		"PUT /rollouts/r/orders/0":     {problem(contract.TargetsMissing, ""), {202, "", contract.Taken{}}},
		"PUT /targets/" + digest:       {{201, "", contract.Taken{}}},
		"POST /rollouts/r/condition":   {{200, "", engine.Condition{Pending: 2}}},
		"POST /measurements":           {{200, "", contract.Answer{}}},
		"PUT /rollouts/other/orders/1": {problem(contract.TargetsMissing, "never enough")},
	})
	order := engine.Order{
		Rollout: "r", Ordinal: 4, Candidate: "2", Change: engine.Change{Kind: engine.Install, Version: "2", Instances: engine.Range{To: 3}},
		Instances: []engine.PlanInstance{all.Instances[0], all.Instances[2]}, Targets: all,
	}
	if err := w.Make(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	watch := engine.Watch{Rollout: "r", Candidate: "2", Instances: all.Instances[1:], Targets: all}
	if c, err := w.Look(t.Context(), watch); err != nil || c.Pending != 2 {
		t.Fatal(c, err)
	}
	watch.Instances = []engine.PlanInstance{{ID: "of another list"}}
	if _, err := w.Look(t.Context(), watch); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Measure(t.Context(), engine.Question{Rollout: "r", Instances: all.Instances[:1], Targets: all, Candidate: engine.WantCounts}); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /v1", "PUT /rollouts/r/orders/0", "PUT /targets/" + digest, "PUT /rollouts/r/orders/0", "POST /rollouts/r/condition", "POST /rollouts/r/condition", "POST /measurements"}
	if fmt.Sprint(s.asked) != fmt.Sprint(want) {
		t.Errorf("asked %v\nwant  %v", s.asked, want)
	}
	for i, part := range map[int]string{
		1: `"ordinal":4,"candidate":"2","targets":"` + digest + `","change":{"kind":"install","version":"2","instances":{"from":0,"to":3}},"except":["i2"]`,
		2: string(list), 4: `"instances":{"from":1,"to":3}`, 5: `"named":["of another list"]`, 6: `"instances":{"from":0,"to":1}`,
	} {
		if !strings.Contains(s.bodies[i], part) {
			t.Errorf("%s: %s, want %s", s.asked[i], s.bodies[i], part)
		}
	}
	order.Rollout, order.Seq = "other", 1
	if err := w.Make(t.Context(), order); err == nil || !strings.Contains(err.Error(), "never enough") {
		t.Errorf("a fleet that misses the list for ever: %v", err)
	}
}

// TestAgain tries again what may be, as long as what went wrong may pass.
func TestAgain(t *testing.T) {
	soon := problem(contract.Unavailable, "")
	soon.after = "1"
	late := problem(contract.Unavailable, "in an hour")
	late.after = "3600"
	good := answer{200, "", contract.Fleet{Plugin: "gateway"}}
	for _, c := range []struct {
		name    string
		answers []answer
		tries   int
		fails   string
	}{
		{"a fault that passes", []answer{problem(contract.Internal, ""), {502, "", "<html>"}, good}, 3, ""},
		{"it says when", []answer{soon, good}, 2, ""},
		{"it says when, and that is late", []answer{late, good}, 1, "in an hour"},
		{"for ever", []answer{problem(contract.Internal, "always")}, 4, "always"},
		{"what does not pass", []answer{problem(contract.UnknownPlugin, "no gateway here"), good}, 1, "unknown-plugin: no gateway here"},
		{"a page to log in on", []answer{{200, "", "<html><title>Sign in</title>"}, good}, 1, "HTML page"},
		{"without a time", []answer{{200, "", json.RawMessage(`{"untimed": 1}`)}, good}, 1, "it has no at"},
		{"not JSON", []answer{{200, "", json.RawMessage(`{"routes": 7}`)}, good}, 1, "not as the contract has it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := fleet(t, map[string][]answer{"GET ": c.answers})
			_, err := w.Describe(t.Context())
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v, want %q", err, c.fails)
			}
			if tries := len(s.asked) - 1; tries != c.tries {
				t.Errorf("%d tries, want %d", tries, c.tries)
			}
		})
	}
}

// TestContracts refuses what speaks another contract, or none.
func TestContracts(t *testing.T) {
	for contractOf, want := range map[string]string{"2.3": "speaks contract 2.3, and this version speaks 1.0: use a newer version of this program", "0.1": "use a newer fleet", "": "names no contract"} {
		w, _ := fleet(t, map[string][]answer{"GET /v1": {{200, "", contract.Service{Contract: contractOf}}}})
		if _, err := w.Describe(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("contract %q: %v, want %q", contractOf, err, want)
		}
	}
}

// TestPagedMeasurement puts the pages of an answer by tenant together.
func TestPagedMeasurement(t *testing.T) {
	page := func(next string, tenants ...string) answer {
		a := contract.Answer{Next: next, Coverage: 0.5}
		a.Candidate.Requests = 9
		for _, id := range tenants {
			a.Candidate.PerTenant = append(a.Candidate.PerTenant, engine.TenantCount{Tenant: id, Requests: 3})
			a.Baseline.PerTenant = append(a.Baseline.PerTenant, engine.TenantCount{Tenant: id, Requests: 4})
		}
		return answer{200, "", a}
	}
	w, s := fleet(t, map[string][]answer{"POST /measurements": {page("x", "a", "b"), page("", "c")}})
	got, err := w.Measure(t.Context(), engine.Question{Rollout: "r", Candidate: engine.WantByTenant})
	if err != nil || len(got.Candidate.PerTenant) != 3 || len(got.Baseline.PerTenant) != 3 || got.Candidate.Requests != 9 || got.Coverage != 0.5 {
		t.Errorf("%+v, %v", got, err)
	}
	if !strings.Contains(s.bodies[1], `"cursor":"x"`) || strings.Contains(s.bodies[0], "cursor") {
		t.Errorf("asked %q", s.bodies)
	}
	w, _ = fleet(t, map[string][]answer{"POST /measurements": {page("x", "a")}})
	if _, err := w.Measure(t.Context(), engine.Question{Rollout: "r", Candidate: engine.WantByTenant}); err == nil || !strings.Contains(err.Error(), "names itself") {
		t.Errorf("a measurement without an end: %v", err)
	}
}

// TestStale refuses a condition from before the last order, in which nothing of that is
// pending: somebody on the way keeps answers.
func TestStale(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	said := func(ago time.Duration) answer {
		return answer{200, "", json.RawMessage(fmt.Sprintf(`{"untimed": 1, "at": %q, "watched": 3, "ready": 3}`, at.Add(-ago).Format(time.RFC3339Nano)))}
	}
	w, _ := fleet(t, map[string][]answer{
		"PUT /rollouts/r/orders/0": {{202, "", contract.Taken{}}}, "POST /rollouts/r/condition": {said(time.Hour), said(time.Millisecond), said(0), said(-time.Second)},
	})
	look := func() error {
		_, err := w.Look(t.Context(), engine.Watch{Rollout: "r"})
		return err
	}
	if err := look(); err != nil {
		t.Errorf("before any order: %v", err)
	}
	if err := w.Make(t.Context(), engine.Order{Rollout: "r", Change: engine.Change{Kind: engine.Retire}}); err != nil {
		t.Fatal(err)
	}
	if err := look(); err == nil || !strings.Contains(err.Error(), "an order was taken at 2026-01-02T03:04:05Z: it is an old one") {
		t.Errorf("a condition from before the order: %v", err)
	}
	for range 2 {
		if err := look(); err != nil {
			t.Errorf("a condition from then on: %v", err)
		}
	}
}
