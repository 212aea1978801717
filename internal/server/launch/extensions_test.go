//go:build unix

package launch_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql/pgfleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// extensions is a server in a process of its own, with a fleet of three servers of PostgreSQL
// and sixty databases, whose clients call the extension all the time.
type extensions struct {
	*killed
	client  *client.Client
	servers []*pgfleet.Server
	load    *pgfleet.Load
}

func startExtensions(t *testing.T, databases int) *extensions {
	t.Helper()
	x := &extensions{servers: pgfleet.Start(t, 3, databases), load: new(pgfleet.Load)}
	dir, address := t.TempDir(), freePort(t)
	text := fmt.Sprintf("listen: %s\nstate: %s\nenvironments:\n  Staging:\n    plugins: [%s]\n    postgresql:\n      resolution: 1s\n      lock_timeout: 1s\n"+
		"      databases: {include: [\"tenant_*\"]}\n      servers:\n", address, dir, pgfleet.Extension)
	for i, s := range x.servers {
		text += fmt.Sprintf("        - {name: pg-%d, url: %q, password_file: pg.password}\n", i+1, s.URL(pgfleet.Role, "postgres"))
		s.Load(x.load, 150*time.Millisecond)
	}
	path := filepath.Join(dir, "hotswap.yaml")
	for name, text := range map[string]string{path: text, filepath.Join(dir, "pg.password"): pgfleet.Password} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	x.killed = &killed{t: t, config: path, address: address, errs: os.Stderr}
	x.start()
	t.Cleanup(func() { x.kill() })
	x.client = untilThere(t, dir, address)
	return x
}

func deployment(version string) contract.Ask {
	return contract.Ask{Deployment: json.RawMessage(fmt.Sprintf(`{"pluginId": %q, "environment": "Staging", "version": %q, "strategy": "Canary",
		"canaryConfig": {"stages": [10, 50, 100], "evaluationPeriod": "10s", "healthCheckTimeout": "1m"},
		"rollbackTriggers": {"consecutiveHealthFailures": 60},
		"analysis": {"minRequests": 100, "minTenants": 3, "maxExtension": 10}}`, pgfleet.Extension, version))}
}

// begin starts a rollout.
func (x *extensions) begin(version string) string {
	x.t.Helper()
	r, err := x.client.Start(x.t.Context(), engine.Staging, pgfleet.Extension, rand.Text(), deployment(version))
	if err != nil {
		x.t.Fatal(err)
	}
	return r.ID
}

// until waits until a rollout is as it should be, whoever is away meanwhile.
func (x *extensions) until(id, what string, is func(*contract.Detail) bool) (d *contract.Detail) {
	x.t.Helper()
	deadline := walker.Wall().Add(4 * time.Minute)
	for {
		own, err := x.client.Show(x.t.Context(), id, false)
		if err == nil {
			if d = own; is(d) {
				return d
			}
			if d.Outcome != "" || d.Phase == "held" {
				x.t.Fatalf("%s is %s, %s: %s\n%s", id, d.Phase, d.Outcome, d.Story, timeline(d))
			}
		}
		if walker.Wall().After(deadline) {
			x.t.Fatalf("%s is not yet %s: %v\n%s", id, what, err, timeline(d))
		}
		_ = walker.Pause(x.t.Context(), 100*time.Millisecond)
	}
}

func (x *extensions) ends(id, outcome string) *contract.Detail {
	x.t.Helper()
	return x.until(id, outcome, func(d *contract.Detail) bool { return d.Outcome == outcome })
}

func timeline(d *contract.Detail) string {
	if d == nil {
		return ""
	}
	var b strings.Builder
	for _, line := range d.Timeline {
		fmt.Fprintf(&b, "%s %s\n", line.At.Format("15:04:05"), line.Text)
	}
	return b.String()
}

func (x *extensions) has(want string) {
	x.t.Helper()
	if got := pgfleet.Has(x.servers); got != want {
		x.t.Errorf("the databases are %s, and %s is wanted", got, want)
	}
}

// servesOn fails the test where a plan that updates all at once says that nobody is served meanwhile.
func (x *extensions) servesOn() {
	x.t.Helper()
	ask := contract.Ask{Deployment: json.RawMessage(fmt.Sprintf(`{"pluginId": %q, "environment": "Staging", "version": "1.7.0", "strategy": "Direct"}`, pgfleet.Extension))}
	p, err := x.client.Plan(x.t.Context(), engine.Staging, pgfleet.Extension, ask)
	if err != nil {
		x.t.Fatal(err)
	}
	if len(p.Stages) != 1 || p.Stages[0].Instances != 3 || strings.Contains(fmt.Sprint(p.Warnings), "nobody is served") {
		x.t.Errorf("%+v: %+v", p.Stages, p.Warnings)
	}
}

// TestExtensions rolls extensions out over real databases: a good version reaches all of them
// while a server and the rollout server are killed; a bad one is caught in the first tenants,
// and its downgrade script takes it back; and a plan says of a version that nothing leads back.
func TestExtensions(t *testing.T) {
	x := startExtensions(t, 20)
	x.has("60 on 1.5.0")

	// The good one, with kills.
	id := x.begin("1.6.0")
	x.until(id, "at 10 %", func(d *contract.Detail) bool { return d.Stage.Number >= 2 })
	x.servers[1].Shoot()
	x.kill()
	x.servers[1].Restart()
	x.start()
	x.until(id, "at 50 %", func(d *contract.Detail) bool { return d.Stage.Number >= 3 })
	x.kill()
	x.start()
	d := x.ends(id, "succeeded")
	x.has("60 on 1.6.0")
	if t.Failed() {
		t.Log(timeline(d))
	}

	// The one without a way back, in its plan alone.
	p, err := x.client.Plan(t.Context(), engine.Staging, pgfleet.Extension, deployment("1.8.0"))
	if err != nil {
		t.Fatal(err)
	}
	const final = "final: there is no update path from 1.8.0 back to 1.6.0 on pg-1, pg-2, pg-3; a rollback cannot undo this stage"
	for i, s := range p.Stages {
		says := strings.Contains(p.Summary[i+1], final)
		if moves := s.Tenants > 0 && s.Name != "retire"; says != moves || moves && (!s.Final || s.OnFail != "hold") {
			t.Errorf("%+v: %s", s, p.Summary[i+1])
		}
	}
	x.has("60 on 1.6.0")
	x.servesOn()

	// The bad one.
	x.load.Failed.Store(0)
	calls := x.load.Calls.Load()
	d = x.ends(x.begin("1.7.0"), "rolled_back")
	x.has("60 on 1.6.0")
	if d.Most == nil || d.Most.Tenants != 6 {
		t.Errorf("%+v were exposed, and 6 of 60 tenants are the first stage\n%s", d.Most, timeline(d))
	}
	if !regexp.MustCompile(`error rate`).MatchString(d.Story) {
		t.Error(d.Story)
	}
	calls = x.load.Calls.Load() - calls
	if failed := x.load.Failed.Load(); failed < 10 || failed > calls/20 {
		t.Errorf("%d of %d calls failed", failed, calls)
	}
	t.Logf("of %d calls %d failed; %s\n%s", calls, x.load.Failed.Load(), d.Story, timeline(d))
}

// TestExtensionsOneWay asks for the way back of a version that has none: nobody else gets it,
// and those who have it are named, until somebody installs the script that was missing.
func TestExtensionsOneWay(t *testing.T) {
	x := startExtensions(t, 10)
	x.ends(x.begin("1.6.0"), "succeeded")
	id := x.begin("1.8.0")
	x.until(id, "at the gate of 10 %", func(d *contract.Detail) bool { return d.Stage.Name == "10%" && d.Step.Kind == "bake" })
	if _, err := x.client.Signal(x.t.Context(), id, contract.Signal{Signal: contract.Rollback, Reason: "as a test"}); err != nil {
		x.t.Fatal(err)
	}
	const none = `has no update path from version "1.8.0" to version "1.6.0"`
	x.until(id, "on a way back that leads nowhere", func(d *contract.Detail) bool {
		text := timeline(d)
		return d.Phase == "rolling_back" && strings.Contains(text, none) && strings.Contains(text, "pg-")
	})
	x.has("27 on 1.6.0, 3 on 1.8.0")
	for _, s := range x.servers {
		s.WayBack()
	}
	x.ends(id, "rolled_back")
	x.has("30 on 1.6.0")
}
