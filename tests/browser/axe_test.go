package browser_test

import (
	"os"
	"strings"
	"testing"
)

// axe is what looks for what keeps people from using the page; make test-browser puts it there.
func axe(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../../.cache/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("there is no axe-core: make test-browser gets it")
	}
	return string(text)
}

// inspect runs it on what is shown.
func (b *tab) inspect(script, view string) {
	b.t.Helper()
	if !eval[bool](b, "Boolean(window.axe)") {
		eval[bool](b, "%s;true", script)
	}
	const run = `axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.flatMap((v) =>
		v.nodes.map((n) => v.id + ' (' + v.help + '): ' + n.target.join(' ') + ': ' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''))))`
	if found := eval[[]string](b, run); len(found) > 0 {
		b.t.Errorf("%s:\n%s", view, strings.Join(found[:min(len(found), 8)], "\n"))
	}
}

// within holds that the page is no wider than the screen.
func (b *tab) within(view string) {
	b.t.Helper()
	if over := eval[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		wide := eval[[]string](b, `[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((e) => e.nodeName + '.' + e.getAttribute('class')).slice(0, 6)`)
		b.t.Errorf("%s is %d pixels wider than the screen: %v", view, over, wide)
	}
}
