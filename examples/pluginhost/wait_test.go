package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// TestWait ends when a version answers that is asked for, and says why where none does in time.
func TestWait(t *testing.T) {
	p := start(t, both())
	p.admin("DELETE", "/admin/plugins/1.6.0", "")
	var late atomic.Int64 // requests that come before the version does
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(wire.Tenant) != "tenant-007" || late.Add(-1) >= 0 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		if r.URL.Path == "/pay" {
			w.Header().Set(wire.Version, "1.6.0")
		}
	}))
	defer s.Close()
	for name, c := range map[string]struct {
		args string
		late int64
		code int
		says string
	}{
		"an instance":      {"--to " + p.url + "/pay", 0, 0, "answers, with version 1.5.0"},
		"its version":      {"--to " + p.url + "/pay --version 1.7.0", 0, 0, "answers, with version 1.7.0"},
		"no version":       {"--to " + p.url + "/pay --version 1.6.0 --within 300ms", 0, 1, "within 300ms: 503 Service Unavailable no-version"},
		"nobody":           {"--to http://127.0.0.1:1/pay --within 300ms", 0, 1, "connection refused"},
		"late":             {"--to " + s.URL + "/pay --tenant tenant-007", 3, 0, "answers, with version 1.6.0"},
		"another one":      {"--to " + s.URL + "/pay --tenant tenant-007 --version 1.7.0 --within 300ms", 0, 1, "version 1.6.0 answers"},
		"something else":   {"--to " + s.URL + "/ --tenant tenant-007 --within 300ms", 0, 1, "what answers there is no plugin"},
		"what it was told": {"--to " + s.URL + "/pay --within 300ms", 0, 1, "503 Service Unavailable : not yet"},
	} {
		late.Store(c.late)
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"wait"}, strings.Fields(c.args)...), &out, &errs)
		if said := out.String() + errs.String(); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exits with %d and says %q, want %d and %q", name, code, said, c.code, c.says)
		}
	}
}
