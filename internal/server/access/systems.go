package access

import (
	"net/url"
	"slices"
	"strings"
)

// system is an issuer that all the world has accounts at, or a kind of them, and how its
// claims are to be taken.
type system struct {
	what  string
	hosts []string
	owner string // claims to say whose a token is with
	label []string
	// names are claims with names, which may be given up and taken by somebody else, and the
	// claim that stays.
	names map[string]string
	// ids are claims that say whose a token is.
	ids []string
}

var systems = []system{
	{
		what: "GitHub", hosts: []string{"token.actions.githubusercontent.com"}, owner: "repository_id or repository_owner_id", label: []string{"repository"},
		names: map[string]string{
			"sub": "repository_id", "repository": "repository_id", "repository_owner": "repository_owner_id", "actor": "actor_id", "enterprise": "enterprise_id",
		},
		ids: []string{"repository_id", "repository_owner_id", "enterprise_id"},
	},
	{
		what: "GitLab", hosts: []string{"gitlab.com"}, owner: "project_id or namespace_id", label: []string{"project_path"},
		names: map[string]string{
			"sub": "project_id", "project_path": "project_id", "namespace_path": "namespace_id", "user_login": "user_id", "user_email": "user_id",
		},
		ids: []string{"project_id", "namespace_id", "user_id"},
	},
	{
		what: "HCP Terraform", hosts: []string{"app.terraform.io", "app.eu.terraform.io"}, owner: "terraform_organization_id or terraform_workspace_id",
		label: []string{"terraform_full_workspace", "terraform_workspace_name"},
		names: map[string]string{
			"sub": "terraform_workspace_id", "terraform_organization_name": "terraform_organization_id", "terraform_project_name": "terraform_project_id",
			"terraform_workspace_name": "terraform_workspace_id", "terraform_full_workspace": "terraform_workspace_id",
		},
		ids: []string{"terraform_organization_id", "terraform_workspace_id", "terraform_project_id"},
	},
	{
		what: "Google", hosts: []string{"accounts.google.com"}, owner: "sub, hd or email", ids: []string{"sub", "hd", "email"},
	},
}

// systemOf is the system of an issuer; nil: one's own, or nobody knows it.
func systemOf(issuer string) *system {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil
	}
	for i, s := range systems {
		if slices.Contains(s.hosts, strings.ToLower(u.Hostname())) {
			return &systems[i]
		}
	}
	return nil
}

// kindOf is the system whose claims a rule speaks of: that of the issuer, or one that is run
// by somebody themselves.
func kindOf(issuer string, r Rule) *system {
	if s := systemOf(issuer); s != nil {
		return s
	}
	for i, s := range systems {
		for claim := range s.names {
			_, exact := r.Claims[claim]
			_, glob := r.Globs[claim]
			if claim != "sub" && claim != "actor" && (exact || glob) {
				return &systems[i]
			}
		}
	}
	return nil
}

// unbound are claims with names that say who, or which, but not whose: everybody may have a
// workspace of that name.
var unbound = []string{"actor", "user_login", "user_email", "terraform_workspace_name", "terraform_project_name"}

// binds says whether a rule says whose a token is: by a claim that has it, whole, or by a
// pattern that begins with some of it.
func (s *system) binds(r Rule) bool {
	for _, id := range s.ids {
		if r.Claims[id] != "" {
			return true
		}
	}
	for name := range s.names {
		if slices.Contains(unbound, name) {
			continue
		}
		if name == "sub" {
			if owned(r.Claims[name]) || owned(r.Globs[name]) {
				return true
			}
			continue
		}
		if r.Claims[name] != "" || begun(r.Globs[name]) {
			return true
		}
	}
	return false
}

// head is what a pattern begins with.
func head(pattern string) string {
	if end := strings.IndexAny(pattern, "*?"); end >= 0 {
		return pattern[:end]
	}
	return pattern
}

// owned says whether a subject, or a pattern of one, begins with an owner. What follows, and
// what it is made of, its owner may choose.
func owned(sub string) bool {
	kind, rest, _ := strings.Cut(head(sub), ":")
	switch kind {
	case "repo", "project_path":
		return strings.Index(rest, "/") > 0
	case "organization", "repository_id", "repository_owner_id", "project_id":
		return strings.Index(rest, ":") > 0
	}
	return false
}

// begun says whether a pattern of a name begins with the whole name of an owner.
func begun(glob string) bool {
	h := head(glob)
	return strings.Index(h, "/") > 0 || h != "" && h == glob
}
