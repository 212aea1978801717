//go:build unix

package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// These stories are about how a fleet or a controller is reached.

// reached are the ways in which somebody is reached.
var reached = []string{wayFleet, wayController}

// address are the address and the token file of whoever is reached, and by which name.
func (p *place) address() (name, url, token string) {
	if p.way == wayController {
		return "controller", p.server.url, p.server.token
	}
	return "fleet", p.served.url, p.served.token
}

// at is a provider block that reaches an address with a token file.
func (p *place) at(name, address, token string) string {
	return servedBlock(fmt.Sprintf("%s = { endpoint = %q, token_file = %q }", name, address, filepath.ToSlash(token)))
}

// confined refuses what is not where the configuration may go.
func confined(p *place, tf *terraform) {
	const refused = `is not one of the provider's allowed_environments, Staging, QA`
	tf.write("main.tf", p.block(`allowed_environments = ["Staging", "QA"]`)+resourceBlock("1.6.0", p.quick()))
	tf.bad(tf.run("plan", "-no-color"), "Production", refused)
	p.set(tf, "1.6.0", p.quick())
	tf.env = append(tf.env, environmentsVariable+"=Staging, QA")
	tf.bad(tf.run("plan", "-no-color"), "Production", refused)
	if p.events(firstRollout) != nil {
		p.t.Error("something began")
	}
}

// knownLater has an endpoint that is known only as the apply runs.
func knownLater(p *place, tf *terraform) {
	name, address, token := p.address()
	tf.write("main.tf", servedBlock(fmt.Sprintf("%s = { endpoint = terraform_data.endpoint.output, token_file = %q }", name, filepath.ToSlash(token)))+
		fmt.Sprintf("resource \"terraform_data\" \"endpoint\" {\n  input = %q\n}\n", address)+resourceBlock("1.6.0", p.quick())+readServed)
	tf.good(tf.run("validate", "-no-color"))
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "active_version": "1.6.0", "wait_for_completion": true})
	tf.quiet()
}

// unreached has nobody there, the wrong token, and the one's address given as the other's.
func unreached(p *place, tf *terraform) {
	name, address, token := p.address()
	resource := resourceBlock("1.6.0", p.quick())
	tf.write("main.tf", p.at(name, "http://127.0.0.1:9", token)+resource)
	r := tf.bad(tf.run("plan", "-no-color"), name+": GET http://127.0.0.1:9/v1", "the connection was refused", "Check the host and the port")
	if p.way == wayController {
		tf.says(r, "Cannot ask the controller")
	}
	tf.write("wrong", "not-the-token\n")
	tf.write("main.tf", p.at(name, address, filepath.Join(tf.dir, "wrong"))+resource)
	r = tf.bad(tf.run("plan", "-no-color"), name+": GET "+address+"/v1", "401")
	tf.saysNot(r, "not-the-token")
	other, mistaken := "controller", "is the API of a fleet, and no rollout server"
	if p.way == wayController {
		other, mistaken = "fleet", "is a rollout server, and no fleet"
	}
	tf.write("main.tf", p.at(other, address, token)+resource)
	tf.bad(tf.apply(), mistaken)
	if p.events(firstRollout) != nil {
		p.t.Error("something began")
	}
}

// between is a proxy between a test and the controller, which a test can have misbehave.
type between struct {
	refuse atomic.Int64 // how many requests to come are told to come later
	asked  atomic.Int64
}

// between puts a proxy in front of the controller, and has the place reach it there.
func (p *place) between() *between {
	p.t.Helper()
	to, err := url.Parse(p.server.url)
	if err != nil {
		p.t.Fatal(err)
	}
	b, proxy := &between{}, httputil.NewSingleHostReverseProxy(to)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.asked.Add(1)
		if b.refuse.Add(-1) >= 0 {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	p.t.Cleanup(s.Close)
	p.server.url = s.URL
	return b
}

// limited has the controller refuse requests for a while.
func limited(p *place, tf *terraform) {
	b := p.between()
	p.set(tf, "1.6.0", p.quick())
	b.refuse.Store(3)
	tf.good(tf.run("plan", "-no-color"))
	b.refuse.Store(3)
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "active_version": "1.6.0"})
	p.once()
	if b.asked.Load() < 10 {
		p.t.Errorf("%d requests came", b.asked.Load())
	}
}

// restarted kills the controller while an apply waits, and starts it again.
func restarted(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(8, ""))
	b := p.walking(tf)
	p.server.kill()
	pause(2 * time.Second)
	p.server.start()
	tf.good(b.wait(2 * time.Minute))
	tf.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
	p.once()
	tf.quiet()
}

// away has the controller be away while Terraform plans and refreshes, and interrupts an apply
// that waits for it.
func away(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.canary(6, ""))
	b := p.walking(tf)
	p.server.kill()
	pause(time.Second)
	b.signal(syscall.SIGINT)
	tf.bad(b.wait(10*time.Second), "stripe 1.6.0 goes on without the apply")
	tf.expect(map[string]any{"status": "progressing", "rollout_id": firstRollout, "tainted": false})
	for _, command := range []string{"plan", "refresh"} {
		tf.bad(tf.run(command, "-no-color"), "Cannot ask the controller", "the connection was refused")
	}
	tf.bad(tf.destroy(), "Cannot ask the controller")
	tf.expect(map[string]any{"status": "progressing", "rollout_id": firstRollout})
	p.server.start()
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "rollout_id": firstRollout, "active_version": "1.6.0"})
	p.once()
}

// TestAccServedAndSimulated names two fleets.
func TestAccServedAndSimulated(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	for _, two := range []string{
		"fleet = { endpoint = \"http://127.0.0.1:9\" }\n simulated = {}", "controller = { endpoint = \"http://127.0.0.1:9\" }\n simulated = {}",
		"controller = { endpoint = \"http://127.0.0.1:9\" }\n fleet = { endpoint = \"http://127.0.0.1:9\" }",
	} {
		tf.write("main.tf", servedBlock(two)+resourceBlock("1.6.0", quick))
		tf.bad(tf.run("plan", "-no-color"), "Two fleets", "take the others away")
	}
}

// nobodyWaits asks a fleet to go on by itself, which none does.
func nobodyWaits(p *place, tf *terraform) {
	p.set(tf, "1.6.0", p.quick(), "wait_for_completion = false")
	tf.bad(tf.run("plan", "-no-color"), "Nobody would walk the rollout", "hotswap serve --config", "controller = {")
	tf.write("main.tf", p.block(`max_blocking_wait = "1m"`)+resourceBlock("1.6.0", p.canary(90, "")))
	tf.says(tf.good(tf.run("plan", "-no-color")), "the apply waits for long", "max_blocking_wait is 1m", "With a controller")
	if p.events(firstRollout) != nil {
		p.t.Error("something began")
	}
}

// untoldWaits has nobody say whether to wait: an A/B test is not waited for, nor what takes longer than
// max_blocking_wait.
func untoldWaits(p *place, tf *terraform) {
	const planned = "wait_for_completion = "
	says := func(more, settings string, waits bool) {
		p.t.Helper()
		tf.write("main.tf", p.block(more)+resourceBlock("1.6.0", settings))
		r := tf.good(tf.run("plan", "-no-color"))
		if !strings.Contains(flat(r.output), planned+fmt.Sprint(waits)) {
			p.t.Errorf("%s %s: want %t\n%s", more, settings, waits, r.output)
		}
	}
	says("", p.canary(90, ""), true)
	says(`max_blocking_wait = "1m"`, p.canary(90, ""), p.way != wayController)
	says("", p.settings("ABTesting"), p.way != wayController)
	tf.write("main.tf", p.block(`max_blocking_wait = "1s"`)+resourceBlock("1.6.0", p.canary(2, "")))
	tf.good(tf.apply())
	if p.way == wayController {
		tf.expect(map[string]any{"status": "progressing", "wait_for_completion": false})
		p.until(nil, firstRollout, engine.Finished, 4)
	}
	tf.quiet()
	if p.way == wayController { // and back to applies that walk
		tf.write("main.tf", p.served.block("")+resourceBlock("1.6.0", p.canary(2, "")))
		tf.good(tf.apply())
		tf.expect(map[string]any{"status": "succeeded", "wait_for_completion": true, "rollout_id": firstRollout})
		tf.quiet()
	}
	tf.good(tf.destroy())
}

// secretive logs all there is to log: no token is in it, nor in what is stored or said.
func secretive(p *place, tf *terraform) {
	name, address, file := p.address()
	token := strings.TrimSpace(readExample(p.t, file))
	log := filepath.Join(p.t.TempDir(), "log")
	tf.env = append(tf.env, "TF_LOG=DEBUG", "TF_LOG_PATH="+log)
	tf.write("main.tf", servedBlock(fmt.Sprintf("%s = {\n endpoint = %q\n token = %q\n headers = { X-Scope-OrgID = %q }\n }", name, address, token,
		"a-header-that-is-secret"))+resourceBlock("1.6.0", p.quick()))
	output := tf.good(tf.apply()).output
	said := map[string]string{"log": readExample(p.t, log), "output": output, "state": readExample(p.t, filepath.Join(tf.dir, "terraform.tfstate"))}
	if p.server != nil {
		said["server's log"] = p.server.errs.String()
	}
	if !strings.Contains(said["log"], "provider.terraform-provider-hotswap") {
		p.t.Error("the provider logs nothing")
	}
	for where, text := range said {
		if strings.Contains(text, token) || strings.Contains(text, "a-header-that-is-secret") {
			p.t.Errorf("a secret is in the %s", where)
		}
	}
}
