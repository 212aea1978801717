//go:build unix

package launch_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// paceVariable has the test of the pace start so many rollouts, with so many workers, as in
// 1000,16.
const paceVariable = "HOTSWAP_TEST_PACE"

// TestPace has a server walk many rollouts that never bake long, from their start to their end,
// each of a fleet with 150 tenants in another process, over HTTP. It tells how many end in a
// second, and what they wait for. HOTSWAP_TEST_PACE=1000,4 is the campaign.
func TestPace(t *testing.T) {
	n, workers := 20, "4"
	if pace := os.Getenv(paceVariable); pace != "" {
		rollouts, of, _ := strings.Cut(pace, ",")
		n, workers = atoi(t, rollouts), of
	}
	var clock walker.Time
	dir := t.TempDir()
	r := start(t, dir, startFleets(t, n), "server: {workers: "+workers+"}\n")
	cpu, begun := used(t), clock.Now()
	r.startRollouts(n, "PT1S")
	started := clock.Now().Sub(begun)
	for r.count(url.Values{"unfinished": {"true"}}) > 0 {
		if clock.Now().Sub(begun) > 10*time.Minute {
			t.Fatal("they do not end")
		}
		_ = walker.Pause(t.Context(), 200*time.Millisecond)
	}
	took := clock.Now().Sub(begun)
	if good := r.count(url.Values{"outcome": {string(engine.Succeeded)}}); good != n {
		t.Errorf("%d of %d succeeded", good, n)
	}
	t.Logf("%d rollouts with %s workers, started in %s, ended in %s: %.1f a second, %.0f %% of one core, %d MB resident", n, workers,
		started.Round(time.Millisecond), took.Round(time.Millisecond), float64(n)/took.Seconds(), 100*float64(used(t)-cpu)/float64(took), resident(t)>>20)
	t.Logf("its workers, and who began the rollouts, waited for the fleet for %.0f s in all, and for the store for %.0f s",
		r.seconds(dir, "hotswap_fleet_request_duration_seconds_sum"), r.seconds(dir, "hotswap_store_duration_seconds_sum"))
}

// seconds adds up the values of a metric of the server.
func (r *rig) seconds(dir, metric string) (all float64) {
	r.t.Helper()
	token, err := os.ReadFile(filepath.Join(dir, "admin-token"))
	if err != nil {
		r.t.Fatal(err)
	}
	ask := httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, "/metrics", nil)
	ask.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	answer := httptest.NewRecorder()
	r.server.Handler.ServeHTTP(answer, ask)
	for line := range strings.SplitSeq(answer.Body.String(), "\n") {
		if !strings.HasPrefix(line, metric) {
			continue
		}
		_, value, _ := strings.Cut(line, " ")
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			r.t.Fatal(line, err)
		}
		all += n
	}
	return all
}

// count is how many rollouts there are of a kind.
func (r *rig) count(q url.Values) (n int) {
	r.t.Helper()
	q.Set("limit", "500")
	for {
		page, err := r.client.Rollouts(r.t.Context(), q)
		if err != nil {
			r.t.Fatal(err)
		}
		if n += len(page.Items); page.Next == "" {
			return n
		}
		q.Set("cursor", page.Next)
	}
}
