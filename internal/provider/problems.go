package provider

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// addProblems puts every problem on the attribute that it is about.
func addProblems(diags *diag.Diagnostics, under path.Path, summary string, ps engine.Problems) {
	for _, p := range ps {
		detail := p.Rule
		if p.Value != "" {
			detail = p.Value + " " + p.Rule
		}
		text := sentence(lastWord(p.Path) + ": " + detail)
		if p.Path == "fleet" && summary != invalidConnection || p.Path == "" { // no attribute: what is wrong is out there
			diags.AddError(summary, sentence("the fleet "+detail))
			continue
		}
		diags.AddAttributeError(attributePath(under, p.Path), summary, text)
	}
}

// addError puts an error of the engine or the simulator on the attributes that it
// names, and on the resource where it names none.
func addError(diags *diag.Diagnostics, under path.Path, summary string, err error) {
	var ps engine.Problems
	var one engine.Problem
	var folder *simulator.FolderError
	switch {
	case errors.As(err, &folder): // about the provider's settings, which a resource cannot point at
		diags.AddError(summary, sentence(err.Error()))
	case errors.As(err, &ps):
		addProblems(diags, under, summary, ps)
	case errors.As(err, &one):
		addProblems(diags, under, summary, engine.Problems{one})
	default:
		diags.AddError(summary, sentence(err.Error()))
	}
}

// unanswered is the summary of an error of looking at a fleet, or at who counts beside it.
func unanswered(err error) string { return missed(err, "Cannot read the fleet") }

// missed is the summary of an error: who could not be asked where that is not the fleet, and
// what is usual otherwise.
func missed(err error, usual string) string {
	var f *connect.Fault
	if !errors.As(err, &f) {
		return usual
	}
	switch f.Path {
	case "prometheus":
		return "Cannot ask the Prometheus"
	case string(throughServer):
		return "Cannot ask the controller"
	}
	return usual
}

// attributePath reads a path as the engine and the simulator write it:
// canary.stages[2], simulated.versions["1.6.0"].error_rate.
func attributePath(under path.Path, s string) path.Path {
	p := under
	for s != "" {
		switch {
		case s[0] == '.':
			s = s[1:]
		case strings.HasPrefix(s, `["`):
			quoted, _ := strconv.QuotedPrefix(s[1:]) // paths are ours, with numbers or quoted keys
			key, _ := strconv.Unquote(quoted)
			p, s = p.AtMapKey(key), strings.TrimPrefix(s[1+len(quoted):], "]")
		case s[0] == '[':
			index, rest, _ := strings.Cut(s[1:], "]")
			n, _ := strconv.Atoi(index)
			p, s = p.AtListIndex(n), rest
		default:
			end := strings.IndexAny(s, ".[")
			if end < 0 {
				end = len(s)
			}
			p, s = p.AtName(s[:end]), s[end:]
		}
	}
	return p
}

// lastWord is the attribute at the end of a path.
func lastWord(path string) string {
	if i := strings.LastIndex(path, `"].`); i >= 0 {
		return path[i+3:]
	}
	if key, quoted := strings.CutSuffix(path, `"]`); quoted {
		return key[strings.LastIndex(key, `"`)+1:]
	}
	return path[strings.LastIndex(path, ".")+1:]
}

// sentence gives s a capital and a full stop, and shows what a terminal would obey.
func sentence(s string) string {
	s = engine.Visible(strings.TrimSpace(s))
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	// The name of an attribute keeps its spelling.
	if word, _, _ := strings.Cut(s, " "); !strings.ContainsAny(word, "_.:") {
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if strings.ContainsAny(s[len(s)-1:], ".!?:)") {
		return s
	}
	return s + "."
}
