package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestLogin logs in with a wrong token and with a right one, and is where it was going.
func TestLogin(t *testing.T) {
	r := start(t)
	b := open(t, r)
	b.come("#/fleets")
	b.do(chromedp.WaitReady("#token"))
	if href := eval[string](b, "document.querySelector('.login a').getAttribute('href')"); href != "/login/oidc?issuer=github&next=%2F%23%2Ffleets" {
		t.Errorf("the issuer is at %s", href)
	}
	b.do(chromedp.SendKeys("#token", "wrong\r"))
	b.wait(".login-problem", "token")
	b.do(chromedp.Clear("#token"))
	b.login(r.tokens["ada"])
	b.wait("h1", "Fleets")
	b.wait("main", "Production")
	if cookies := eval[string](b, "document.cookie"); cookies != "" {
		t.Errorf("scripts see cookies: %s", cookies)
	}
	b.come("#/rollouts")
	b.wait(".empty", "There are no rollouts yet")
	b.do(chromedp.Click(".top-end button"))
	b.do(chromedp.Click(".top-end button"))
	if theme := eval[string](b, "document.documentElement.dataset.theme"); theme != "dark" {
		t.Errorf("the theme is %q", theme)
	}
}

// TestTable filters the table, and sees a rollout come by itself.
func TestTable(t *testing.T) {
	r := start(t)
	b := open(t, r)
	b.come("")
	b.login(r.tokens["ada"])
	b.wait(".live", "live")
	first := r.deploy("Production", plugin, "1.6.0", "Canary", canary("10, 100", "PT60S", ""))
	b.wait("tbody", "Production")
	r.until(r.deploy("Staging", plugin, "2.0.0", "Canary", canary("10, 100", "PT60S", "")), "rolled_back")
	b.wait("tbody", "Rolled back")
	b.do(chromedp.Click(".tick input"))
	b.until("document.querySelectorAll('tbody tr').length === 1 && location.hash === '#/rollouts?unfinished=true'")
	b.do(chromedp.Click(".tick input"), chromedp.SendKeys("input[type=search]", "2.0.0"))
	b.until("document.querySelectorAll('tbody tr').length === 1 && location.hash === '#/rollouts?q=2.0.0'")
	b.see("#/rollouts?environment=Production", "tbody tr")
	b.until("document.querySelectorAll('tbody tr').length === 1 && document.querySelector('input[type=search]').value === ''")
	b.do(chromedp.Click("tbody a"))
	b.wait(".crumbs", first)
	b.do(chromedp.NavigateBack())
	b.until("location.hash === '#/rollouts?environment=Production' && document.querySelectorAll('tbody tr').length === 1")
}

// TestLive watches a rollout to its end, through a stream that breaks, without doing anything.
func TestLive(t *testing.T) {
	r := start(t)
	b := open(t, r)
	id := r.deploy("Production", plugin, "1.6.0", "Canary", canary("10, 50, 100", "PT3S", ""))
	b.come("#/rollouts/" + id)
	b.login(r.tokens["rudi"])
	b.wait(".live", "live")
	b.wait(".stage.now", "10%")
	b.wait(".legend", "15")
	b.wait(".checks", "Error rate")
	b.until("document.querySelectorAll('.tile.candidate').length === 15")
	if all := eval[int](b, "document.querySelectorAll('.grid-box:first-of-type .tile, .grid .tile').length"); all < 150 {
		t.Errorf("there are %d tiles", all)
	}
	b.do(chromedp.Focus(".tile"), chromedp.KeyEvent(kb.ArrowRight))
	b.wait(".tile-hint", "tenant-002: 1.")
	eval[bool](b, "(new MutationObserver(() => { window.broke ||= document.querySelector('.live')?.innerText === 'reconnecting' })).observe(document.querySelector('header'), {subtree: true, childList: true, characterData: true}), true")
	r.CloseClientConnections()
	b.until("window.broke")
	b.wait(".live", "live")
	b.wait(".title", "Succeeded")
	b.wait("#said", "succeeded")
	b.until("document.querySelectorAll('.stage.done').length === document.querySelectorAll('.stage').length")
	b.wait(".reach", "150")
	if focused := eval[string](b, "document.activeElement.getAttribute('aria-label') ?? ''"); focused == "" {
		t.Errorf("the focus is lost while things change: %s", fmt.Sprint(focused))
	}
}
