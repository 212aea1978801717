// Command condense shortens the pages that tfplugindocs writes: what is nested in several
// places is described once, and the others link there; and where an attribute has a schema
// of its own its name is the link.
//
//	condense DOCS
package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: condense DOCS")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "condense:", err)
		os.Exit(1)
	}
}

// run condenses the resources' pages first: the others link to them.
func run(docs string) error {
	c := condenser{first: map[string]place{}}
	for _, folder := range []string{"resources", "data-sources", "."} {
		pages, err := filepath.Glob(filepath.Join(docs, folder, "*.md"))
		if err != nil {
			return err
		}
		for _, page := range pages {
			data, err := os.ReadFile(page)
			if err != nil {
				return err
			}
			c.page = place{folder: folder, file: strings.TrimSuffix(filepath.Base(page), ".md")}
			if err := os.WriteFile(page, []byte(c.condense(string(data))), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// place is where something is described.
type place struct{ folder, file, anchor, name string }

// from is the link to a place on another page, or on the same one.
func (p place) from(page place) string {
	if p.folder == page.folder && p.file == page.file {
		return "#" + p.anchor
	}
	up := "../"
	if page.folder == "." {
		up = ""
	}
	return up + p.folder + "/" + p.file + "#" + p.anchor
}

// condenser remembers where each nested schema was described first, by its text.
type condenser struct {
	first map[string]place
	page  place
}

var (
	nested = regexp.MustCompile(`(?m)^<a id="(nestedatt--[^"]+)"></a>\n### Nested Schema for ` + "`([^`]+)`" + `\n`)
	below  = regexp.MustCompile("(?m)^- `([^`]+)` (\\([^)]*\\)) (.*?) ?\\(see \\[below for nested schema\\]\\((#[^)]+)\\)\\)$")
)

// least is how many attributes a schema has that is worth a link.
const least = 3

func (c *condenser) condense(page string) string {
	heads := nested.FindAllStringSubmatchIndex(page, -1)
	if heads == nil {
		return page
	}
	var out strings.Builder
	out.WriteString(page[:heads[0][0]])
	dropped := "" // the anchor whose inner schemas are described elsewhere, too
	elsewhere := map[string]string{}
	for i, h := range heads {
		end := len(page)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		anchor, name, body := page[h[2]:h[3]], page[h[4]:h[5]], page[h[1]:end]
		if dropped != "" && strings.HasPrefix(anchor, dropped+"--") {
			continue
		}
		dropped = ""
		rest := ""
		if i+1 == len(heads) { // what follows the schema belongs to no attribute
			body, rest = split(body)
		}
		key := strings.ReplaceAll(strings.TrimSpace(body), "#"+anchor, "#")
		at, seen := c.first[key]
		switch {
		case !seen || strings.Count(key, "\n- `") < least:
			c.first[key] = place{c.page.folder, c.page.file, anchor, name}
			out.WriteString(fmt.Sprintf("<a id=%q></a>\n### `%s`\n", anchor, name) + plain(body))
		default:
			dropped = anchor
			elsewhere["#"+anchor] = at.from(c.page)
		}
		out.WriteString(rest)
	}
	return tidy(below.ReplaceAllStringFunc(out.String(), func(line string) string {
		part := below.FindStringSubmatch(line)
		link := cmp.Or(elsewhere[part[4]], part[4])
		return fmt.Sprintf("- [`%s`](%s) %s %s", part[1], link, part[2], part[3])
	}))
}

// split takes what comes after the list of attributes from a body.
func split(body string) (list, rest string) {
	if at := strings.Index(body, "\n## "); at >= 0 {
		return body[:at], body[at:]
	}
	return body, ""
}

// plain leaves out the heading of a list that is the only one.
func plain(body string) string {
	if len(groups.FindAllString(body, 2)) == 1 && !strings.Contains(body, "Required:") {
		return groups.ReplaceAllString(body, "")
	}
	return body
}

var groups = regexp.MustCompile(`(?m)^(Optional|Read-Only):\n\n`)

var blanks = regexp.MustCompile(`\n{3,}`)

// tidy leaves one empty line where there are more.
func tidy(page string) string {
	return strings.TrimRight(blanks.ReplaceAllString(page, "\n\n"), "\n") + "\n"
}
