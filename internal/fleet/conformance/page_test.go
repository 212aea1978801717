package conformance_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/conformance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

var rewrite = flag.Bool("rewrite", false, "write the page of the contract anew")

// TestPage holds the page of the contract against the contract. It is written anew by
//
//	go test ./internal/fleet/conformance -run TestPage -rewrite
//
// What people wrote of it is in testdata/fleet-contract.md.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("testdata/fleet-contract.md")
	if err != nil {
		t.Fatal(err)
	}
	p := page{}
	if err := yaml.UnmarshalWithOptions(docs.FleetAPI, &p.tree, yaml.UseOrderedMap()); err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for name, write := range map[string]func(){"description": p.description, "operations": p.operations, "schemas": p.schemas, "reasons": p.reasons, "clauses": p.clauses} {
		mark := "<!-- " + name + " -->"
		if strings.Count(want, mark) != 1 {
			t.Fatalf("%s is not there once", mark)
		}
		p.b.Reset()
		write()
		want = strings.Replace(want, mark, strings.TrimSpace(p.b.String()), 1)
	}
	if strings.Contains(want, "{{") {
		t.Error("the page is a template, in which {{ has a meaning")
	}
	for _, file := range []string{"../../../templates/guides/fleet-contract.md.tmpl", "../../../docs/guides/fleet-contract.md"} {
		if *rewrite {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s is not what the contract says (%v): run this test with -rewrite", file, err)
		}
	}
}

// page writes the contract for people.
type page struct {
	tree yaml.MapSlice
	b    strings.Builder
}

func (p *page) say(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

// under is what a tree has under keys.
func under(tree any, keys ...string) any {
	for _, key := range keys {
		m, _ := tree.(yaml.MapSlice)
		at := slices.IndexFunc(m, func(i yaml.MapItem) bool { return i.Key == key })
		if at < 0 {
			return nil
		}
		tree = m[at].Value
	}
	return tree
}

func words(tree any, keys ...string) string {
	if v := under(tree, keys...); v != nil {
		return strings.TrimSpace(fmt.Sprint(v))
	}
	return ""
}

func branches(tree any, keys ...string) yaml.MapSlice {
	m, _ := under(tree, keys...).(yaml.MapSlice)
	return m
}

func leaves(tree any, keys ...string) []any {
	l, _ := under(tree, keys...).([]any)
	return l
}

// cell is text in a cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

func (p *page) description() { p.say("%s\n", words(p.tree, "info", "description")) }

// plugins is what most paths begin with.
const plugins = "/v1/environments/{environment}/plugins/{plugin}"

func (p *page) operations() {
	for _, path := range branches(p.tree, "paths") {
		for _, method := range branches(path.Value) {
			if method.Key == "parameters" {
				continue
			}
			o := method.Value
			p.say("### %s\n\n`%s %s`\n\n", words(o, "summary"), strings.ToUpper(fmt.Sprint(method.Key)), strings.Replace(fmt.Sprint(path.Key), plugins, "…", 1))
			if text := words(o, "description"); text != "" {
				p.say("%s\n\n", text)
			}
			p.parameters(slices.Concat(leaves(path.Value, "parameters"), leaves(o, "parameters")))
			for _, media := range branches(o, "requestBody", "content") {
				p.say("Request: `%s`, %s.\n\n", media.Key, p.kind(under(media.Value, "schema")))
			}
			p.say("| answer | | of |\n|---|---|---|\n")
			for _, status := range branches(o, "responses") {
				if status.Key == "default" {
					p.say("| else | a problem | [Problem](#problem) |\n")
					continue
				}
				of := ""
				for _, media := range branches(status.Value, "content") {
					of = fmt.Sprintf("`%s`, %s", media.Key, p.kind(under(media.Value, "schema")))
				}
				text := words(status.Value, "description")
				for _, h := range branches(status.Value, "headers") {
					text += fmt.Sprintf(" `%s`: %s", h.Key, words(h.Value, "description"))
				}
				p.say("| %v | %s | %s |\n", status.Key, cell(text), of)
			}
			p.say("\n")
		}
	}
}

// parameters lists those that are not of the path that all have.
func (p *page) parameters(all []any) {
	var rows []string
	for _, one := range all {
		if ref := words(one, "$ref"); ref != "" {
			one = under(p.tree, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
		name := words(one, "name")
		if name == "environment" || name == "plugin" {
			continue
		}
		needed := ""
		if words(one, "required") == "true" {
			needed = "yes"
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", name, words(one, "in"), needed, p.kind(under(one, "schema")), cell(words(one, "description"))))
	}
	if rows != nil {
		p.say("| parameter | in | needed | is | |\n|---|---|---|---|---|\n%s\n", strings.Join(rows, ""))
	}
}

// kind is what a value is, with its bounds.
func (p *page) kind(schema any) string {
	if ref := words(schema, "$ref"); ref != "" {
		name := ref[strings.LastIndex(ref, "/")+1:]
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	}
	if items := under(schema, "items"); items != nil {
		text := "list of " + p.kind(items)
		if types := leaves(schema, "type"); types != nil {
			text += ", or null"
		}
		return text + p.bounds(schema)
	}
	return words(schema, "type") + p.bounds(schema)
}

func (p *page) bounds(schema any) string {
	text := ""
	for _, b := range []struct{ key, words string }{
		{"minimum", "at least "},
		{"exclusiveMinimum", "above "},
		{"maximum", "at most "},
		{"minLength", "characters at least "},
		{"maxLength", "characters at most "},
		{"minItems", "items at least "},
		{"maxItems", "items at most "},
		{"default", "default "},
		{"pattern", "of the form `"},
	} {
		if v := words(schema, b.key); v != "" {
			text += ", " + b.words + v
			if b.key == "pattern" {
				text += "`"
			}
		}
	}
	if among := leaves(schema, "enum"); among != nil {
		var names []string
		for _, one := range among {
			names = append(names, fmt.Sprintf("`%v`", one))
		}
		text += ": " + strings.Join(names, ", ")
	}
	return cell(text)
}

func (p *page) schemas() {
	for _, schema := range branches(p.tree, "components", "schemas") {
		p.say("### %s\n\n", schema.Key)
		if text := words(schema.Value, "description"); text != "" {
			p.say("%s\n\n", text)
		}
		properties := branches(schema.Value, "properties")
		if properties == nil {
			p.say("%s.\n\n", p.kind(schema.Value))
			continue
		}
		needed := leaves(schema.Value, "required")
		p.say("| field | needed | is | |\n|---|---|---|---|\n")
		for _, f := range properties {
			must := ""
			if slices.Contains(needed, f.Key) {
				must = "yes"
			}
			p.say("| `%s` | %s | %s | %s |\n", f.Key, must, p.kind(f.Value), cell(words(f.Value, "description")))
		}
		p.say("\n")
	}
}

func (p *page) reasons() {
	p.say("| reason | status | means | a client |\n|---|---|---|---|\n")
	for _, r := range contract.Reasons() {
		p.say("| `%s` | %d | %s | %s |\n", r.Reason, r.Status, cell(r.Means), cell(r.Client))
	}
}

func (p *page) clauses() {
	p.say("| clause | the contract says | needs |\n|---|---|---|\n")
	for _, c := range conformance.Clauses() {
		var needs []string
		for _, what := range c.Needs {
			needs = append(needs, "`"+string(what)+"`")
		}
		if c.Lacks != "" {
			needs = append(needs, "no `"+string(c.Lacks)+"`")
		}
		p.say("| `%s` | %s | %s |\n", c.ID, cell(c.Says), strings.Join(needs, ", "))
	}
}
