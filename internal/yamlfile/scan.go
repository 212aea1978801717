package yamlfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// scan looks at the words of a file before they are put together: what is nested
// too deeply, or has no place in the file, is refused here, where that costs no
// more than reading. familiar says whether the file has a key of the form where
// its first keys are; of one that has none nothing may be shown: it may be a secret.
func (f Form) scan(file string, words token.Tokens, root []Member) (familiar bool, ps Problems) {
	depth, keys := 0, 0
	for i, t := range words {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.MappingValueType:
			keys++
			familiar = familiar || i > 0 && atRoot(depth, words[i-1]) && isRoot(root, words[i-1].Value)
		}
		var message string
		switch {
		case depth > maxDepth:
			message = f.tooDeep()
		case keys > maxKeys:
			message = fmt.Sprintf("is key %d, and a %s has at most %d", keys, f.What, maxKeys)
		default:
			message = f.outOfPlace(words, i)
		}
		if message != "" {
			return familiar, Problems{{File: file, Line: t.Position.Line, Column: t.Position.Column, Message: message}}
		}
	}
	return familiar, nil
}

// outOfPlace says why a word has no place in the file; "": it has.
func (f Form) outOfPlace(words token.Tokens, i int) string {
	switch t := words[i]; t.Type {
	case token.SequenceEntryType, token.MappingKeyType:
		if t.Position.Column > 2*maxDepth {
			return f.tooDeep()
		}
	case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType:
		return "anchors, aliases and tags are not part of a " + f.What + ": write the value out"
	case token.DirectiveType:
		if i+1 == len(words) || words[i+1].Value != "YAML" {
			return "is a directive that " + f.What + "s do not have: only %YAML 1.2 may stand here"
		}
	case token.StringType:
		if strings.Count(t.Origin, "\n") > maxFolds {
			return fmt.Sprintf("is a text of more than %d lines, too long for a %s", maxFolds, f.What)
		}
	}
	return ""
}

// atRoot says whether a key stands where the file's own ones do.
func atRoot(depth int, key *token.Token) bool {
	return depth == 1 || depth == 0 && key.Position.Column == 1
}

// isRoot says whether key is one of the file's own.
func isRoot(root []Member, key string) bool {
	return slices.ContainsFunc(root, func(m Member) bool { return m.Key == key })
}
