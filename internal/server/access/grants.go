package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Roles lists the roles, each of which includes those before it.
func Roles() []Role { return slices.Clone(roles) }

// checkGrants says all that is wrong with grants.
func checkGrants(path string, grants []Grant) engine.Problems {
	var ps engine.Problems
	if len(grants) == 0 {
		ps = append(ps, engine.Problem{Path: path, Rule: "is empty: who has no role may do nothing"})
	}
	for i, g := range grants {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !slices.Contains(roles, g.Role) {
			ps = append(ps, engine.Problem{Path: at + ".role", Value: fmt.Sprintf("%q", engine.Shortened(string(g.Role))), Rule: "is not one of read, operate, admin"})
		}
		if g.Role == Admin && len(g.Environments) > 0 {
			ps = append(ps, engine.Problem{Path: at + ".environments", Rule: "does not go with admin, which is about the server as a whole: grant operate there, or admin everywhere"})
		}
		for j, e := range g.Environments {
			for _, p := range e.Check() {
				p.Path = fmt.Sprintf("%s.environments[%d]", at, j)
				ps = append(ps, p)
			}
		}
	}
	return ps
}

// Describe says what grants allow: "operate in Staging, read everywhere".
func Describe(grants []Grant) string {
	words := make([]string, len(grants))
	for i, g := range grants {
		where := "everywhere"
		if len(g.Environments) > 0 {
			names := make([]string, len(g.Environments))
			for j, e := range g.Environments {
				names[j] = string(e)
			}
			where = "in " + strings.Join(names, ", ")
		}
		words[i] = string(g.Role) + " " + where
	}
	return strings.Join(words, "; ")
}

// administers says whether grants allow everything.
func administers(grants []Grant) bool { return (&Actor{Grants: grants}).May(Admin, "") }
