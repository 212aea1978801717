// Package access says who may do what on a server of rollouts: it finds out who comes, by a
// token, a client certificate, an identity token of a CI system or a session of the page, and
// what that one may do in which environment.
package access

import (
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Role is what somebody may do. Each includes those before it.
type Role string

// The roles.
const (
	Read    Role = "read"    // look at rollouts and fleets, and plan
	Operate Role = "operate" // start rollouts, pause, resume, promote and roll them back
	Admin   Role = "admin"   // make and remove tokens, read the audit log
)

// roles are in the order in which they include each other.
var roles = []Role{Read, Operate, Admin}

// includes says whether who has r may do what o allows.
func (r Role) includes(o Role) bool {
	has := slices.Index(roles, r)
	return has >= 0 && has >= slices.Index(roles, o)
}

// Grant is a role in some environments.
type Grant struct {
	Role Role `json:"role" yaml:"role"`
	// Environments are where it holds; none: everywhere.
	Environments []engine.Environment `json:"environments,omitempty" yaml:"environments"`
}

// Actor is who comes.
type Actor struct {
	// Name is who, as the journal and the audit log have it: "token ci", "octo/shop on
	// github", "alice@example.com".
	Name   string
	Grants []Grant
	// Means is how the actor came.
	Means Means
}

// Means is how somebody shows who they are.
type Means string

// The means.
const (
	ByToken       Means = "token"
	ByIdentity    Means = "identity token" // of a CI system or a person, by OpenID Connect
	ByCertificate Means = "client certificate"
	BySession     Means = "session" // of the page: the browser sends it along with whatever page asks
	ByNothing     Means = "nothing" // where reading without credentials is allowed
)

// May says whether the actor has a role in an environment; "": in any, and for Admin, which
// is about the server as a whole, in all.
func (a *Actor) May(role Role, e engine.Environment) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		if !g.Role.includes(role) {
			return false
		}
		if e == "" {
			return role != Admin || len(g.Environments) == 0
		}
		return len(g.Environments) == 0 || slices.Contains(g.Environments, e)
	})
}
