package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/conformance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// asked sends a request to a sandbox, and gives the answer.
func asked(t *testing.T, address, method, path, body string, header ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address+"/v1/environments/QA/plugins/sandbox/"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // all of it was read
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, data, err)
	}
	return string(data)
}

// asFound says what of a sandbox is not as it was before a run; "": nothing.
func asFound(t *testing.T, address string) (differs string) {
	t.Helper()
	var instances contract.Page[contract.Instance]
	var tenants contract.Page[contract.Tenant]
	for path, to := range map[string]any{"instances": &instances, "tenants": &tenants} {
		if err := json.Unmarshal([]byte(asked(t, address, "GET", path, "")), to); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range instances.Items {
		if i.Default != "1.0.0" || fmt.Sprint(i.Installed) != "[1.0.0]" || !i.Ready || strings.Contains(i.Slot, "conformance") {
			differs += fmt.Sprintf("%+v ", i)
		}
	}
	for _, of := range tenants.Items {
		if of.Pin != "" {
			differs += fmt.Sprintf("%+v ", of)
		}
	}
	return differs
}

// TestInterrupted leaves the sandbox as it was found, wherever a run is interrupted.
func TestInterrupted(t *testing.T) {
	for _, after := range []int{1, 5, 20, 60, 100} { // waits
		h, pause := rich.start(t)
		s := httptest.NewServer(h)
		ctx, stop := context.WithCancel(t.Context())
		own := config.DefaultHTTPClientConfig
		own.Authorization = &config.Authorization{Type: "Bearer", Credentials: token}
		waits := 0
		r, err := conformance.Run(ctx, conformance.Settings{
			Connection: connect.Settings{Path: "fleet", Address: s.URL, HTTP: own},
			Pause: func(ctx context.Context, d time.Duration) error {
				if waits++; waits == after {
					stop()
				}
				return pause(ctx, d)
			},
		})
		if r == nil || err == nil || r.Left != "" || r.Count(conformance.NotRun) == 0 {
			t.Errorf("after %d waits: %+v, %v", after, r, err)
		}
		if differs := asFound(t, s.URL); differs != "" {
			t.Errorf("after %d waits: %s", after, differs)
		}
		stop()
		s.Close()
	}
}

// TestLeftovers begins by putting back what a run left that was killed.
func TestLeftovers(t *testing.T) {
	h, pause := bare.start(t)
	s := httptest.NewServer(h)
	defer s.Close()
	order := func(seq int, change string, more string) {
		asked(t, s.URL, "PUT", fmt.Sprintf("rollouts/killed/orders/%d", seq), `{"ordinal":40,"candidate":"1.1.0","change":`+change+more+`}`)
	}
	list := `{"tenant":"tenant-03"}` + "\n"
	asked(t, s.URL, "PUT", "targets/"+contract.DigestOf([]byte(list)), list, "Content-Type", "application/x-ndjson")
	order(1, `{"kind":"install","version":"1.1.0","named":["instance-01","instance-02"]}`, "")
	order(2, `{"kind":"provision","slot":"conformance","count":2,"version":"1.1.0"}`, "")
	if err := pause(t.Context(), 3*time.Second); err != nil {
		t.Fatal(err)
	}
	order(3, `{"kind":"pin","version":"1.1.0","tenants":{"from":0,"to":1}}`, `,"targets":"`+contract.DigestOf([]byte(list))+`"`)
	order(4, `{"kind":"shift","routes":[{"slot":"conformance","percent":100}]}`, "")
	order(5, `{"kind":"replace","version":"1.1.0","named":["instance-02","instance-03"]}`, "")
	if asFound(t, s.URL) == "" {
		t.Fatal("nothing is left")
	}
	r := hold(t, s.URL, pause, func(id string) bool { return id == "service.sandbox" || id == "fleet.routes" })
	if differs := asFound(t, s.URL); differs != "" || r.Left != "" || r.Count(conformance.Holds) != 2 {
		t.Errorf("%s, %s, %+v", differs, r.Left, r.Results)
	}
}

// TestUnfinishedLeftovers ends a rollout that a killed run left, and touches nobody else's.
func TestUnfinishedLeftovers(t *testing.T) {
	address := startExample(t)
	begin := func(id string) {
		list := fmt.Sprintf("{\"instance\":%q}\n", id)
		digest := contract.DigestOf([]byte(list))
		asked(t, address, "PUT", "targets/"+digest, list, "Content-Type", "application/x-ndjson")
		asked(t, address, "PUT", "rollouts/"+id, `{"plan":"p","digest":"`+digest+`","targets":"`+digest+`","head":{"rollout":"`+id+`","phase":"paused","stage":"s","candidate":"x"}}`, "If-None-Match", "*")
	}
	begin("conformance-killed-1")
	if r := hold(t, address, nil, func(id string) bool { return id == "rollouts.begin" }); r.Count(conformance.Holds) != 1 {
		t.Errorf("%+v", r.Results)
	}
	begin("somebody-else-1")
	own := config.DefaultHTTPClientConfig
	own.Authorization = &config.Authorization{Type: "Bearer", Credentials: token}
	_, err := conformance.Run(t.Context(), conformance.Settings{Connection: connect.Settings{Path: "fleet", Address: address, HTTP: own}})
	if err == nil || !strings.Contains(err.Error(), "rollout somebody-else-1 is unfinished, and not of this suite") {
		t.Errorf("%v", err)
	}
}
