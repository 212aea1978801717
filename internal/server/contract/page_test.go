package contract

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestPage holds the page of the API against the list of reasons. It is written anew by
//
//	go test ./internal/server/contract -run TestPage -rewrite
//
// What people wrote of it is in testdata/server-api.md.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("testdata/server-api.md")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| reason | status | means | a client |\n|---|---|---|---|")
	for _, r := range Reasons() {
		fmt.Fprintf(&b, "\n| `%s` | %d | %s | %s |", r.Reason, r.Status, r.Means, r.Client)
	}
	const mark = "<!-- reasons -->"
	want := strings.Replace(string(text), mark, b.String(), 1)
	if want == string(text) || strings.Contains(want, "{{") {
		t.Errorf("%s is not there, or {{ is, which has a meaning in a template", mark)
	}
	for _, file := range []string{"../../../templates/guides/server-api.md.tmpl", "../../../docs/guides/server-api.md"} {
		if *rewrite {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s is not what the list of reasons says (%v): run this test with -rewrite", file, err)
		}
	}
}
