package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// view is one to look at, and what shows that it is drawn.
type view struct{ name, hash, ready string }

// views starts a rollout of each kind, and gives what there is to see.
func (r *rig) views() []view {
	const long = "recommendations-personalised-homepage-carousel-experiment-eu"
	back := r.deploy("Staging", plugin, "2.0.0", "Canary", canary("10, 100", "PT4S", ""))
	r.until(back, "rolled_back")
	test := r.deploy("QA", plugin, "1.6.0", "ABTesting", `, "abConfig": {"testDuration": "PT2S", "decisionMetrics": ["conversionRate"]}`)
	held := r.deploy("Staging", plugin, "1.6.0", "Canary", canary("10, 30, 100", "PT2S", `, "autoRollback": false, "thresholds": {"maxErrorRate": 0.002}`))
	rolling := r.deploy("Development", plugin, "1.6.0", "Rolling", `, "rollingConfig": {"waitBetweenBatches": "PT20S"}`)
	crowd := r.deploy("Europe", long, "1.6.0", "Canary", canary("10, 30, 100", "PT10M", ""))
	live := r.deploy("Production", plugin, "1.6.0", "Canary", canary("10, 30, 50, 100", "PT4M", ""))
	r.until(held, "held")
	r.until(test, "succeeded", "retained")
	return []view{
		{"rollouts", "#/rollouts", ".rows tbody tr"},
		{"none", "#/rollouts?q=nothing", ".empty"},
		{"live", "#/rollouts/" + live, ".check .observed"},
		{"held", "#/rollouts/" + held, ".notice"},
		{"back", "#/rollouts/" + back, ".notice"},
		{"test", "#/rollouts/" + test, ".comparison"},
		{"rolling", "#/rollouts/" + rolling, ".track.dense"},
		{"crowd", "#/rollouts/" + crowd, ".tiny .tile"},
		{"gone", "#/rollouts/none", ".empty"},
		{"fleets", "#/fleets", ".version-list"},
		{"tokens", "#/tokens", "main .empty, .rows"},
		{"audit", "#/audit", ".rows tbody tr"},
	}
}

// TestViews looks at each view, in each theme, on a screen and on a phone: nothing keeps anybody
// from using it, and nothing is wider than the screen. Pictures are kept.
func TestViews(t *testing.T) {
	r := start(t)
	b, script := open(t, r), axe(t)
	views := r.views()
	each := func(do func(kind string)) {
		for _, theme := range []string{"light", "dark"} {
			b.theme(theme)
			for _, width := range []int64{1280, 360} {
				b.size(width)
				do(fmt.Sprintf("%s-%d", theme, width))
			}
		}
	}
	look := func(name string) {
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 1, 1)) // away from what it would change
		b.inspect(script, name)
		b.within(name)
		b.shot(name)
	}
	b.come(views[2].hash)
	b.do(chromedp.WaitReady("#token"))
	each(func(kind string) { look("login-" + kind) })
	b.login(r.tokens["ada"])
	each(func(kind string) {
		for _, v := range views {
			b.see(v.hash, v.ready)
			look(v.name + "-" + kind)
		}
		b.see(views[3].hash, ".notice")
		b.do(chromedp.Click("[data-signal=promote]"), chromedp.WaitVisible("dialog.deciding"))
		look("decision-" + kind)
		b.do(chromedp.Click("dialog button[type=submit]"), chromedp.WaitVisible("dialog .notice"))
		look("refused-" + kind)
		b.do(chromedp.Click("dialog button[type=button]"))
		b.gone("dialog.deciding")
		b.do(chromedp.Click(".account summary"))
		look("account-" + kind)
		b.do(chromedp.Click(".account summary"))
	})
}
