package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// program is the browser; a test is skipped where there is none, but not where CI is set.
func program(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no chromium, and CI is set")
	}
	t.Skip("there is no chromium")
	return ""
}

// tab is a tab of a browser of its own, with what went wrong in it.
type tab struct {
	t   testing.TB
	ctx context.Context
	url string

	mu    sync.Mutex
	wrong []string
}

// patience is how long anything may take.
const patience = 30 * time.Second

// open opens a tab on a server. What goes wrong in it fails the test.
func open(t testing.TB, r *rig) *tab {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program(t)), chromedp.NoSandbox, chromedp.Flag("hide-scrollbars", true))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, url: r.URL}
	if err := chromedp.Do(ctx); err != nil { // which starts the browser
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, line := range b.wrong {
			t.Errorf("the browser says: %s", line)
		}
	})
	return b
}

// hear notes what goes wrong: errors of the page, what the policy stops, and what cannot be
// loaded, but for refusals of the API, of which the page tells people itself.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if o := e.ExceptionDetails.Exception; o != nil {
			text += " " + o.Description
		}
		b.wrong = append(b.wrong, text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text, _ := json.Marshal(e.Args)
			b.wrong = append(b.wrong, "console: "+string(text))
		}
	case *log.EventEntryAdded:
		if e.Entry.Source == log.EntrySourceNetwork && (strings.Contains(e.Entry.URL, "/v1/") || strings.HasSuffix(e.Entry.URL, "/login")) {
			return
		}
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.wrong = append(b.wrong, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

// do does something in the tab.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%v\n%s", err, b.text("body"))
	}
}

// eval is what an expression is in the page.
func eval[T any](b *tab, format string, args ...any) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](fmt.Sprintf(format, args...), chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", fmt.Sprintf(format, args...), err)
	}
	return v
}

// text is that of the first element of a selector.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, "document.querySelector(%q)?.innerText ?? ''", selector)
}

// wait waits until the text of an element has something in it.
func (b *tab) wait(selector, want string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector(%q)?.innerText.includes(%q)", selector, want))
}

// gone waits until there is no such element.
func (b *tab) gone(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf("!document.querySelector(%q)", selector))
}

// until waits until an expression is true.
func (b *tab) until(expression string) {
	b.t.Helper()
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(50 * time.Millisecond) {
		if eval[bool](b, "Boolean(%s)", expression) {
			return
		}
	}
	b.t.Fatalf("it is never so that %s:\n%s", expression, b.text("body"))
}

// come loads the page at an address.
func (b *tab) come(hash string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url + "/" + hash))
}

// see goes to an address without loading the page anew, and waits until it is drawn.
func (b *tab) see(hash, ready string) {
	b.t.Helper()
	eval[string](b, "location.hash = %q", hash)
	b.do(chromedp.Sleep(300*time.Millisecond), chromedp.WaitReady(ready))
}

// login logs somebody in.
func (b *tab) login(token string) {
	b.t.Helper()
	b.do(chromedp.WaitReady("#token"), chromedp.SendKeys("#token", token+"\r"), chromedp.WaitReady(".account"))
}

// size makes the tab as large as a screen.
func (b *tab) size(width int64) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 700,
	}); err != nil {
		b.t.Fatal(err)
	}
}

// theme is what the system asks for. Nothing moves, so that pictures are alike.
func (b *tab) theme(name string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}); err != nil {
		b.t.Fatal(err)
	}
}
