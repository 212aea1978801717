package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// bundler makes one document of two.
type bundler struct{ own, fleet string }

// The places of the hand-written document where something of the fleet's contract stands, and
// references within that.
var (
	operations = regexp.MustCompile(`(?m)^    (get|put|post): \{ \$ref: "fleet-api\.yaml", x-role: (\w+) \}\n`)
	foreign    = regexp.MustCompile(`fleet-api\.yaml(#/components/(?:schemas|parameters)/)(\w+)`)
	within     = regexp.MustCompile(`(#/components/(?:schemas|parameters)/)(\w+)`)
	merges     = regexp.MustCompile(`(?m)^        <<: (\w+)\n`)
	end        = regexp.MustCompile(`(?m)^    \w`)
	parameter  = regexp.MustCompile(`(?m)^      - .*\n(?:        .*\n)*`)
	named      = regexp.MustCompile(`parameters/(environment|plugin|rollout|digest)"`)
	pathLine   = regexp.MustCompile(`(?m)^  (/\S*):\n`)
)

const origin = "# Written by go test ./internal/server/contract -run TestBundle -rewrite, of what is in its testdata and of fleet-api.yaml.\n"

func (b *bundler) bundle(t *testing.T) string {
	t.Helper()
	text := merges.ReplaceAllStringFunc(b.own, func(at string) string {
		of := block(t, section(t, b.own, "schemas"), "    "+merges.FindStringSubmatch(at)[1])
		_, properties, _ := strings.Cut(of, "      properties:\n")
		return properties
	})
	text = b.withOperations(t, text)
	var reasons strings.Builder
	for _, r := range Reasons() {
		fmt.Fprintf(&reasons, "        - %s\n", r.Reason)
	}
	text = strings.Replace(text, "        - reasons\n", reasons.String(), 1)
	var taken []string
	text = foreign.ReplaceAllStringFunc(text, func(ref string) string {
		m := foreign.FindStringSubmatch(ref)
		taken = append(taken, m[1]+m[2])
		return m[1] + b.called(m[1]+m[2])
	})
	parameters, schemas := b.copies(t, taken)
	text = strings.Replace(text, "  requestBodies:\n", parameters+"  requestBodies:\n", 1)
	return origin + text + schemas
}

// withOperations puts the operations of the fleet's contract in.
func (b *bundler) withOperations(t *testing.T, text string) string {
	t.Helper()
	for {
		at := operations.FindStringSubmatchIndex(text)
		if at == nil {
			return text
		}
		method, role := text[at[2]:at[3]], text[at[4]:at[5]]
		paths := pathLine.FindAllStringSubmatch(text[:at[0]], -1)
		path := paths[len(paths)-1][1]
		item := block(t, section(t, b.fleet, "paths"), "  "+path)
		of := withParameters(block(t, item, "    "+method), item)
		of = within.ReplaceAllString(of, "fleet-api.yaml$1$2") // taken as every other one is
		first, rest, _ := strings.Cut(of, "\n      tags:")
		text = text[:at[0]] + first + "\n      x-role: " + role + "\n      tags:" + rest + text[at[1]:]
	}
}

// withParameters is an operation with those parameters that all of its path have, and that are
// none of the path itself: here other operations stand beside it.
func withParameters(operation, item string) string {
	_, all, _ := strings.Cut(item, "    parameters:\n")
	var own strings.Builder
	for _, p := range parameter.FindAllString(all[:end.FindStringIndex(all)[0]], -1) {
		if !named.MatchString(p) {
			own.WriteString("  " + strings.ReplaceAll(strings.TrimSuffix(p, "\n"), "\n", "\n  ") + "\n")
		}
	}
	if own.Len() == 0 {
		return operation
	}
	if strings.Contains(operation, "      parameters:\n") {
		return strings.Replace(operation, "      parameters:\n", "      parameters:\n"+own.String(), 1)
	}
	return strings.Replace(operation, "      responses:\n", "      parameters:\n"+own.String()+"      responses:\n", 1)
}

// copies are the parameters and schemas of the fleet's contract that are taken, with all that
// they refer to, in its order.
func (b *bundler) copies(t *testing.T, taken []string) (parameters, schemas string) {
	t.Helper()
	for i := 0; i < len(taken); i++ {
		for _, m := range within.FindAllStringSubmatch(b.component(t, taken[i]), -1) {
			if !slices.Contains(taken, m[1]+m[2]) {
				taken = append(taken, m[1]+m[2])
			}
		}
	}
	slices.SortFunc(taken, func(x, y string) int {
		return strings.Index(b.fleet, b.component(t, x)) - strings.Index(b.fleet, b.component(t, y))
	})
	for _, ref := range slices.Compact(taken) {
		if b.same(ref) {
			continue
		}
		text := within.ReplaceAllStringFunc(b.component(t, ref), func(ref string) string {
			return ref[:strings.LastIndex(ref, "/")+1] + b.called(ref)
		})
		_, rest, _ := strings.Cut(text, ":")
		text = "    " + b.called(ref) + ":" + rest
		if strings.Contains(ref, "/parameters/") {
			parameters += text
		} else {
			schemas += text
		}
	}
	return parameters, schemas
}

// component is the text of a component of the fleet's contract.
func (b *bundler) component(t *testing.T, ref string) string {
	t.Helper()
	parts := strings.Split(ref, "/")
	return block(t, section(t, b.fleet, parts[2]), "    "+parts[3])
}

// called is what a component of the fleet's contract is called here, where that is another
// thing that has its name.
func (b *bundler) called(ref string) string {
	parts := strings.Split(ref, "/")
	kind, name := parts[2], parts[3]
	switch {
	case b.ours(ref) == "" || b.same(ref):
		return name
	case kind == "parameters":
		return "fleet" + strings.ToUpper(name[:1]) + name[1:]
	default:
		return "Fleet" + name
	}
}

// ours is the text of a component of the hand-written part; "": it has none.
func (b *bundler) ours(ref string) string {
	parts := strings.Split(ref, "/")
	_, components, _ := strings.Cut(b.own, "\ncomponents:\n")
	return find(find(components, "  "+parts[2]), "    "+parts[3])
}

// same says whether the hand-written part has the component as the fleet's contract does.
func (b *bundler) same(ref string) bool {
	parts := strings.Split(ref, "/")
	_, components, _ := strings.Cut(b.fleet, "\ncomponents:\n")
	return b.ours(ref) != "" && b.ours(ref) == find(find(components, "  "+parts[2]), "    "+parts[3])
}

// section is what stands below one of the document's sections.
func section(t *testing.T, document, name string) string {
	t.Helper()
	if name == "paths" {
		_, rest, _ := strings.Cut(document, "\npaths:\n")
		paths, _, _ := strings.Cut(rest, "\ncomponents:\n")
		return paths + "\n"
	}
	_, components, _ := strings.Cut(document, "\ncomponents:\n")
	return block(t, components, "  "+name)
}

// block is find of what has to be there.
func block(t *testing.T, text, key string) string {
	t.Helper()
	found := find(text, key)
	if found == "" {
		t.Fatalf("there is no %s", strings.TrimSpace(key))
	}
	return found
}

// find is what begins with a key, up to the next line that is as deep; "": it is not there.
func find(text, key string) string {
	text = "\n" + text
	at := strings.Index(text, "\n"+key+":\n")
	if at < 0 {
		return ""
	}
	depth := len(key) - len(strings.TrimLeft(key, " "))
	lines := strings.SplitAfter(text[at+1:], "\n")
	end := 1
	for end < len(lines) && (strings.TrimSpace(lines[end]) == "" || strings.HasPrefix(lines[end], strings.Repeat(" ", depth+1))) {
		end++
	}
	return strings.Join(lines[:end], "")
}
