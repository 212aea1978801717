package yamlfile

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// The forms of numbers: those of JSON and of YAML 1.2 in base ten, with an optional
// sign. Between digits there may be single underscores, as in 1_000_000. What one
// reader takes for octal and another for decimal (017), other bases, infinities and
// whatever is no number are refused.
var (
	wholeForm  = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*(_[0-9]+)*)$`)
	numberForm = regexp.MustCompile(`^[-+]?((0|[1-9][0-9]*(_[0-9]+)*)(\.([0-9]+(_[0-9]+)*)?)?|\.[0-9]+(_[0-9]+)*)([eE][-+]?[0-9]+)?$`)
)

// plainOf is a value that was written without quotes: only those can be numbers.
func plainOf(n ast.Node) string {
	switch n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode:
		if t := n.GetToken(); t.Type != token.SingleQuoteType && t.Type != token.DoubleQuoteType {
			return t.Value
		}
	}
	return ""
}

// wholeOf reads a whole number, which is written in digits.
func wholeOf(n ast.Node) (i int64, ok bool) {
	text := plainOf(n)
	i, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	return i, err == nil && wholeForm.MatchString(text)
}

// numberOf reads a number.
func numberOf(n ast.Node) (f float64, ok bool) {
	text := plainOf(n)
	f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return f, err == nil && numberForm.MatchString(text) && !math.IsInf(f, 0)
}

// invisible says whether r would do something to a terminal, or to the order of the
// text around it, instead of being seen.
func invisible(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }
