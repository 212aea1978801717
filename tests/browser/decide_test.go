package browser_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// hostile is a text that would do something if it became markup.
const hostile = `<img src=x onerror="document.title='hacked'"><script>document.title='hacked'</script>`

// decide says something in the dialog.
func (b *tab) decide(signal, reason string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector('[data-signal=%s]:not([aria-disabled])')", signal))
	b.do(chromedp.Click("[data-signal="+signal+"]"), chromedp.WaitVisible("dialog.deciding"))
	if focused := eval[string](b, "document.activeElement.id"); focused != "reason" {
		b.t.Errorf("the focus is on %q", focused)
	}
	b.do(chromedp.SendKeys("#reason", reason))
}

// TestDecisions holds a rollout, and has somebody decide: without a reason, for a stage that it
// has left, and rightly. What is said shows as it was said.
func TestDecisions(t *testing.T) {
	r := start(t)
	b := open(t, r)
	held := canary("10, 30, 50, 100", "PT1S", `, "autoRollback": false, "thresholds": {"maxErrorRate": 0.002}`)
	id := r.deploy("Production", plugin, "1.6.0", "Canary", held)
	r.until(id, "held")
	b.come("#/rollouts/" + id)
	b.login(r.tokens["olga"])
	b.wait(".title", "Held")
	b.wait(".notice", "Waits for a decision")

	b.decide("promote", "")
	b.do(chromedp.Click("dialog button[type=submit]"))
	b.wait("dialog .notice", "Say why")
	b.wait(".effects", "goes on to 30%")
	b.do(chromedp.SendKeys("#reason", "looks good"))
	r.signal("ada", id, contract.Promote, "before you")
	r.until(id, "held")
	b.do(chromedp.Click("dialog button[type=submit]"))
	b.wait("dialog .notice", "It is at stage 30% now, not 10%")
	b.do(chromedp.Click("dialog button[type=button]"))
	b.gone("dialog.deciding")
	if focused := eval[string](b, "document.activeElement.dataset.signal ?? ''"); focused != "promote" {
		t.Errorf("the focus is not where it was, but on %q", focused)
	}

	b.wait(".card-head", "30%, 3 of 6")
	b.decide("promote", hostile)
	b.do(chromedp.Click("dialog button[type=submit]"))
	b.gone("dialog.deciding")
	b.wait(".timeline", hostile)
	r.until(id, "held")
	b.wait(".card-head", "50%, 4 of 6")
	b.decide("rollback", "enough")
	b.do(chromedp.Click("dialog button[type=submit]"))
	b.gone("dialog.deciding")
	b.wait(".title", "Rolled back")
	b.wait("#said", "rolled back")
	b.gone(".actions")
	b.do(chromedp.Click(".timeline-card input"))
	b.until("document.querySelectorAll('.event').length === 3 && [...document.querySelectorAll('.event')].every((e) => e.classList.contains('decision'))")
	if title := eval[string](b, "document.title"); strings.Contains(title, "hacked") || eval[int](b, "document.querySelectorAll('main img, main script').length") > 0 {
		t.Errorf("what was said became markup: %s", title)
	}
	b.do(chromedp.Click(".account summary"), chromedp.Click(".account button"), chromedp.WaitReady("#token"))
	b.login(r.tokens["ada"])
	b.wait(".title", "Rolled back")
	b.see("#/audit", ".rows tbody tr")
	b.wait(".rows", hostile)
	b.wait(".rows", "refused")
}

// TestPause pauses a rollout and has it go on, with the keyboard alone.
func TestPause(t *testing.T) {
	r := start(t)
	b := open(t, r)
	id := r.deploy("Production", plugin, "1.6.0", "Canary", canary("10, 100", "PT5S", ""))
	b.come("#/rollouts/" + id)
	b.login(r.tokens["olga"])
	for _, c := range []struct{ signal, word string }{{"pause", "Paused"}, {"resume", "Progressing"}} {
		b.until(fmt.Sprintf("document.querySelector('[data-signal=%s]:not([aria-disabled])')", c.signal))
		b.do(chromedp.Focus("[data-signal="+c.signal+"]"), chromedp.KeyEvent("\r"), chromedp.WaitVisible("dialog.deciding"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
		b.gone("dialog.deciding")
		b.wait(".title", c.word)
	}
	b.wait(".title", "Succeeded")
}

// TestReader holds that who may only read is told so, and sees no more than that.
func TestReader(t *testing.T) {
	r := start(t)
	b := open(t, r)
	id := r.deploy("Production", plugin, "1.6.0", "Canary", canary("10, 100", "PT60S", ""))
	b.come("#/rollouts/" + id)
	b.login(r.tokens["rudi"])
	b.wait(".actions", "Deciding takes the role operate in Production")
	b.do(chromedp.Click("[data-signal=pause]"))
	if eval[bool](b, "Boolean(document.querySelector('dialog'))") {
		t.Error("who may only read is asked for a decision")
	}
	if nav := b.text(".top nav"); strings.Contains(nav, "Tokens") || strings.Contains(nav, "Audit") {
		t.Errorf("who may only read is led to %q", nav)
	}
	b.do(chromedp.Click(".account summary"))
	b.wait(".account-menu", "read everywhere")
	if status := r.ask("rudi", http.MethodPost, "/v1/rollouts/"+id+"/signals", `{"signal": "pause"}`, nil); status != http.StatusForbidden {
		t.Errorf("the server answers %d", status)
	}
}
