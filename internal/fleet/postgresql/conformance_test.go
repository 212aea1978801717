package postgresql_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/conformance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql/pgfleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
)

// notKept are the clauses that servers of PostgreSQL do not keep, because to keep them would
// drop an extension with its tables.
var notKept = map[string]bool{"changes.remove": true, "changes.activate_none": true}

// TestConforms holds real servers to the contract of fleets, put behind it over HTTP.
func TestConforms(t *testing.T) {
	r := start(t, 3, 4)
	load := new(pgfleet.Load)
	for _, s := range r.servers {
		s.Load(load, 100*time.Millisecond)
	}
	const token = "a-token-that-nobody-knows"
	h := server.New(server.Options{
		Token: func() (string, error) { return token, nil }, Now: clock.Now, Software: "postgresql",
		Sandbox: &contract.Sandbox{Environment: "QA", Plugin: pgfleet.Extension, Versions: []string{"1.5.0", "1.6.0"}, Settle: engine.Duration(30 * time.Second)},
	}, server.World{Environment: engine.QA, Plugin: pgfleet.Extension, Fleet: lackingJournal{r}, Meter: r, Now: clock.Now})
	s := httptest.NewServer(h)
	defer s.Close()
	own := config.DefaultHTTPClientConfig
	own.Authorization = &config.Authorization{Type: "Bearer", Credentials: token}
	report, err := conformance.Run(t.Context(), conformance.Settings{
		Connection: connect.Settings{Path: "fleet", Address: s.URL, HTTP: own, Timeout: 30 * time.Second}, Secret: token,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range report.Results {
		switch {
		case x.Verdict == conformance.Holds || x.Verdict == conformance.LeftOut:
			if notKept[x.Clause.ID] {
				t.Errorf("%s: %s", x.Clause.ID, x.Verdict)
			}
		case !notKept[x.Clause.ID]:
			t.Errorf("%s: %s: %s\n%+v", x.Clause.ID, x.Verdict, x.Why, x.Exchanges)
		}
	}
	if report.Left != "" {
		t.Errorf("the sandbox is not as it was found: %s", report.Left)
	}
	t.Logf("%d clauses hold, %d are left out, %d fail", report.Count(conformance.Holds), report.Count(conformance.LeftOut), len(notKept))
}
