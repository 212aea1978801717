package yamlfile

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// longestText bounds texts, but for the description: the longest is a version.
const longestText = 512

// faultOfText is what is wrong with a text; "": nothing is. A free one may be long.
func (d *decoder) faultOfText(path, text string) string {
	shown := Shown(text)
	if d.Discreet {
		shown = "the text"
	}
	switch {
	case strings.ContainsFunc(text, invisible):
		return shown + " has characters that cannot be seen"
	case path != d.Free && (strings.Contains(text, "\n") || len(text) > longestText):
		return fmt.Sprintf("%s is not a text of one line and at most %d characters", shown, longestText)
	default:
		return ""
	}
}

// textOf is a scalar as it was written; a version like 1.10 need not be quoted.
func textOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode:
		return n.Token.Value, true
	case *ast.FloatNode:
		return n.Token.Value, true
	}
	return "", false
}

// kindOf is what n is, as written where that is short.
func (d *decoder) kindOf(n ast.Node) string {
	switch n.(type) {
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.LiteralNode:
		return "a text of several lines"
	case *ast.StringNode:
		if d.Discreet {
			return "the text"
		}
		return Shown(n.GetToken().Value)
	}
	return engine.Shortened(n.GetToken().Value)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
