package browser_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// shot keeps a picture of all of the page.
func (b *tab) shot(name string) {
	b.t.Helper()
	dir := filepath.Join("..", "..", ".cache", "screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	size := eval[[]float64](b, "[document.documentElement.clientWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]")
	beyond := true
	picture, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		CaptureBeyondViewport: &beyond, Clip: &page.Viewport{Width: size[0], Height: size[1], Scale: 1},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture.Data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// TestViews looks at each view, in each theme, on a phone and on a screen.
func TestViews(t *testing.T) {
	r := start(t)
	b := open(t, r)
	bad := r.deploy("Staging", plugin, "2.0.0", "Canary", canary("10, 100", "PT4S", ""))
	r.until(bad, "rolled_back")
	held := r.deploy("Staging", plugin, "1.6.0", "Canary", canary("10, 30, 100", "PT2S", `, "autoRollback": false, "thresholds": {"maxErrorRate": 0.002}`))
	test := r.deploy("QA", plugin, "1.6.0", "ABTesting", `, "abConfig": {"testDuration": "PT70S", "decisionMetrics": ["conversionRate"]}`)
	rolling := r.deploy("Development", plugin, "1.6.0", "Rolling", `, "rollingConfig": {"waitBetweenBatches": "PT20S"}`)
	crowd := r.deploy("Europe", "recommendations-personalised-homepage-carousel-experiment-eu", "1.6.0", "Canary", canary("10, 30, 100", "PT10M", ""))
	good := r.deploy("Production", plugin, "1.6.0", "Canary", canary("10, 30, 50, 100", "PT1M", ""))
	r.until(held, "held")
	time.Sleep(3 * time.Second)
	b.size(1280)
	b.theme("light")
	b.come("#/rollouts/" + good)
	b.do(chromedp.WaitReady("#token"))
	b.shot("login-light-1280")
	b.login(r.tokens["ada"])
	views := []struct{ name, hash, ready string }{
		{"rollouts", "#/rollouts", ".rows tbody tr"}, {"none", "#/rollouts?q=nothing", ".empty"}, {"live", "#/rollouts/" + good, ".check"}, {"held", "#/rollouts/" + held, ".notice"},
		{"back", "#/rollouts/" + bad, ".notice"}, {"test", "#/rollouts/" + test, ".check"}, {"rolling", "#/rollouts/" + rolling, ".track"}, {"crowd", "#/rollouts/" + crowd, ".tile"},
		{"fleets", "#/fleets", ".version-list"}, {"tokens", "#/tokens", "main .empty, .rows"}, {"audit", "#/audit", ".rows tbody tr"}, {"gone", "#/rollouts/none", ".empty"},
	}
	for _, theme := range []string{"light", "dark"} {
		b.theme(theme)
		for _, width := range []int64{1280, 360} {
			b.size(width)
			for _, v := range views {
				b.see(v.hash, v.ready)
				b.shot(v.name + "-" + theme + "-" + map[int64]string{1280: "1280", 360: "360"}[width])
			}
		}
	}
}
