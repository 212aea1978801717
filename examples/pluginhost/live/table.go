package live

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// outside are the figures of a rollout that lie outside of what was predicted.
func (row *Row) outside(p *Played) (out []string) {
	if p.Detected >= 0 && !row.Said.Detected.Has(p.Detected) {
		out = append(out, "found after")
	}
	if !row.Said.Failed.Has(float64(p.Failed)) {
		out = append(out, "failed requests")
	}
	if !row.Said.Tenants.Has(float64(p.Tenants)) {
		out = append(out, "tenants")
	}
	return out
}

// Outside is what was measured and lies outside of what was predicted, and how often; "":
// nothing does.
func (row *Row) Outside() string {
	n := map[string]int{}
	for _, p := range row.Real {
		for _, what := range row.outside(p) {
			n[what]++
		}
		if row.Said.Outcomes[p.Outcome] == 0 {
			n["outcome"]++
		}
	}
	var out []string
	for _, what := range slices.Sorted(maps.Keys(n)) {
		out = append(out, fmt.Sprintf("%s, %d of %d", what, n[what], len(row.Real)))
	}
	return strings.Join(out, "; ")
}

// Table is rows in Markdown.
func Table(rows []Row) string {
	var b strings.Builder
	b.WriteString("| Policy | Version | Outcome, measured / predicted | Found after, measured | 95 % | Failed requests, measured | 95 % | Tenants exposed, measured | 95 % | Inside? |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, row := range rows {
		each := func(f func(*Played) string) string {
			var all []string
			for _, p := range row.Real {
				all = append(all, f(p))
			}
			return strings.Join(all, ", ")
		}
		inside := "yes"
		if out := row.Outside(); out != "" {
			inside = "no: " + out
		}
		found, band := each(func(p *Played) string {
			if p.Detected < 0 {
				return "-"
			}
			return fmt.Sprintf("%.1f s", p.Detected)
		}), "-"
		if row.Said.Alarms > 0 {
			band = fmt.Sprintf("%.1f-%.1f s", row.Said.Detected.Low, row.Said.Detected.High)
		}
		fmt.Fprintf(&b, "| %s | %s | %s / %s | %s | %s | %s | %s | %s | %s | %s |\n", row.Policy, row.Version,
			outcomes(row.counted(), len(row.Real)), outcomes(row.Said.Outcomes, row.Said.Runs), found, band,
			each(func(p *Played) string { return fmt.Sprint(p.Failed) }), row.Said.Failed,
			each(func(p *Played) string { return fmt.Sprint(p.Tenants) }), row.Said.Tenants, inside)
	}
	return b.String()
}

// counted are the outcomes of the real rollouts.
func (row *Row) counted() map[string]int {
	n := map[string]int{}
	for _, p := range row.Real {
		n[p.Outcome]++
	}
	return n
}

// outcomes are those by how often they came.
func outcomes(n map[string]int, of int) string {
	var names []string
	for name := range n {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(n[b]-n[a], strings.Compare(a, b)) })
	for i, name := range names {
		if word := strings.ReplaceAll(name, "_", " "); len(names) == 1 {
			names[i] = word
		} else {
			names[i] = fmt.Sprintf("%s %d of %d", word, n[name], of)
		}
	}
	return strings.Join(names, ", ")
}

// The marks between which a table stands in a guide.
const (
	tableBegins = "<!-- figures: pluginhost compare -->\n"
	tableEnds   = "<!-- /figures -->"
)

// Renew puts a table in the place of the one that a guide has between its marks.
func Renew(path, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !found || !ends {
		return fmt.Errorf("%s: there is no table between %s and %s", path, strings.TrimSpace(tableBegins), tableEnds)
	}
	return os.WriteFile(path, []byte(before+tableBegins+table+tableEnds+after), 0o644)
}
