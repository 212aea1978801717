package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamples reads every example that a comment has.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range tree.Comments {
			for _, text := range examples(group) {
				found++
				if _, err := Read("h.yaml", []byte(whole(text))); err != nil {
					t.Errorf("%s: %v in\n%s", file, err, whole(text))
				}
			}
		}
	}
	if found < 9 {
		t.Errorf("only %d examples were found", found)
	}
}

// examples are the indented parts of a comment.
func examples(group *ast.CommentGroup) (found []string) {
	var b strings.Builder
	for _, line := range append(group.List, &ast.Comment{Text: "//"}) {
		if text, ok := strings.CutPrefix(line.Text, "//\t"); ok {
			b.WriteString(text + "\n")
		} else if b.Len() > 0 {
			found = append(found, b.String())
			b.Reset()
		}
	}
	return found
}

// whole puts around an example what it stands in.
func whole(text string) string {
	key, _, _ := strings.Cut(text, ":")
	rest := ""
	switch {
	case key == "basic_auth" || key == "oauth2":
		return "environments: {Production: {fleet: {endpoint: https://fleet.example.com, " + strings.TrimSpace(text) + "}}, Staging: {simulated: {scenario: a}}}\n"
	case !strings.Contains(text, "environments:\n"):
		rest = "environments: {Production: {simulated: {scenario: a}}, Staging: {simulated: {scenario: a}}}\n"
	}
	if strings.Contains(text, "certificates:") {
		rest += "tls: {cert_file: a, key_file: b, client_ca_file: c}\n"
	}
	return text + rest
}
