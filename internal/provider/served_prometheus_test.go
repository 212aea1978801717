package provider

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom/promtest"
)

// uncounted is a fleet that does not count its traffic: only a Prometheus can judge it.
var uncounted = usualFleet("fleet:\n  can: {traffic: false}\n")

// scraped starts a Prometheus that scrapes the fleet, with its token, and waits until it
// has seen the versions.
func (s *servedFleet) scraped() *promtest.Prometheus {
	s.t.Helper()
	p := promtest.StartWith(s.t, promtest.Options{
		Targets: []string{strings.TrimPrefix(s.url, "http://")},
		More:    fmt.Sprintf("  authorization: {credentials_file: %q}\n", filepath.ToSlash(s.token)),
	})
	for range 300 {
		resp, err := http.Get(p.Address + "/api/v1/query?query=hotswap_plugin_requests_total")
		if err != nil {
			s.t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // it was read
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(string(answer), `"version":"1.5.0"`) {
			return p
		}
		pause(100 * time.Millisecond)
	}
	s.t.Fatal("Prometheus has seen nothing of the fleet in half a minute")
	return nil
}

// TestAccServedPrometheus judges by a real Prometheus, which scrapes the fleet.
func TestAccServedPrometheus(t *testing.T) {
	for name, settings := range map[string]string{
		"Canary":  "strategy = \"Canary\"\n canary = { stages = [10, 100], evaluation_period = \"6s\" }",
		"Rolling": "strategy = \"Rolling\"\n rolling = { batch_size = \"50%\", wait_between_batches = \"6s\" }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf, s := newTerraform(t), serveFleet(t, uncounted)
			tf.write("main.tf", s.block("")+resourceBlock("1.6.0", settings))
			tf.bad(tf.run("plan", "-no-color"), "does not count requests and errors by version")
			goodThenBad(tf, s.block(fmt.Sprintf("prometheus = { address = %q }", s.scraped().Address)), settings, false)
		})
	}
}
