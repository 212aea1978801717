package access

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// claims are what an identity token says.
type claims map[string]any

// readClaims reads a JSON object, with its numbers as they are written: ids may be larger
// than a float is exact.
func readClaims(data []byte) (claims, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	c := claims{}
	err := d.Decode(&c)
	return c, err
}

// peek reads a part of a token whose signature nobody has checked.
func peek(token string, part int) (claims, error) {
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[part])
	if err != nil {
		return nil, err
	}
	return readClaims(data)
}

// text is a claim that is a text; "": it is not.
func (c claims) text(name string) string {
	s, _ := c[name].(string)
	return s
}

// values are those of a claim, as texts: one, or those of a list.
func (c claims) values(name string) []string {
	list, ok := c[name].([]any)
	if !ok {
		list = []any{c[name]}
	}
	var texts []string
	for _, v := range list {
		switch v := v.(type) {
		case string:
			texts = append(texts, v)
		case json.Number:
			texts = append(texts, v.String())
		case bool:
			texts = append(texts, map[bool]string{true: "true", false: "false"}[v])
		}
	}
	return texts
}

// leeway is how far the clocks of an issuer and a server may be apart.
const leeway = time.Minute

// at is a claim that is a time.
func (c claims) at(name string) (t time.Time, there bool, err error) {
	v, there := c[name]
	if !there {
		return t, false, nil
	}
	n, ok := v.(json.Number)
	if !ok {
		return t, true, unknown("the identity token's %s is no number", name)
	}
	seconds, err := n.Float64()
	if err != nil || math.Abs(seconds) > 1e11 {
		return t, true, unknown("the identity token's %s is no time", name)
	}
	return time.Unix(int64(seconds), 0), true, nil
}

// hold says why the claims do not hold now, or for none of the audiences.
func (c claims) hold(now time.Time, audiences []string) error {
	expires, there, err := c.at("exp")
	switch {
	case err != nil:
		return err
	case !there:
		return unknown("the identity token has no exp: it would be good for ever")
	case !now.Before(expires.Add(leeway)):
		return unknown("the identity token has expired on %s", expires.UTC().Format(time.RFC3339))
	}
	for _, name := range []string{"nbf", "iat"} {
		from, there, err := c.at(name)
		if err != nil {
			return err
		}
		if there && now.Add(leeway).Before(from) {
			return unknown("the identity token's %s is %s, which is to come: one of the clocks is wrong", name, from.UTC().Format(time.RFC3339))
		}
	}
	if !slices.ContainsFunc(c.values("aud"), func(a string) bool { return slices.Contains(audiences, a) }) {
		return unknown("the identity token is for %s, and not for this server, which is %s", quoted(c.values("aud")), quoted(audiences))
	}
	return nil
}

// quoted lists texts that may be anybody's.
func quoted(texts []string) string {
	if len(texts) == 0 {
		return "nobody"
	}
	shown := make([]string, min(len(texts), 3))
	for i := range shown {
		shown[i] = `"` + engine.Visible(engine.Shortened(texts[i])) + `"`
	}
	return strings.Join(shown, ", ")
}

// meets says whether the claims have all that a rule asks for. An address that its issuer did
// not verify is nobody's.
func (c claims) meets(r *rule) bool {
	has := func(name string, fits func(string) bool) bool {
		if name == "email" && !slices.Contains(c.values("email_verified"), "true") {
			return false
		}
		return slices.ContainsFunc(c.values(name), fits)
	}
	for name, want := range r.Claims {
		if !has(name, func(value string) bool { return value == want }) {
			return false
		}
	}
	for name, pattern := range r.globs {
		if !has(name, pattern.MatchString) {
			return false
		}
	}
	return len(r.Claims)+len(r.globs) > 0
}

// rule is a Rule with its patterns ready.
type rule struct {
	Rule
	globs map[string]*regexp.Regexp
}

// ready prepares the rules of an issuer.
func ready(rules []Rule) []rule {
	out := make([]rule, len(rules))
	for i, r := range rules {
		out[i] = rule{r, map[string]*regexp.Regexp{}}
		for name, pattern := range r.Globs {
			out[i].globs[name] = glob(pattern)
		}
	}
	return out
}

// glob is a pattern as Rule.Globs has it.
func glob(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`\A`)
	for pattern != "" {
		switch {
		case strings.HasPrefix(pattern, "**"):
			b.WriteString(`(?s:.*)`)
			pattern = pattern[2:]
			continue
		case pattern[0] == '*':
			b.WriteString(`[^/]*`)
		case pattern[0] == '?':
			b.WriteString(`[^/]`)
		default:
			end := strings.IndexAny(pattern, "*?")
			if end < 0 {
				end = len(pattern)
			}
			b.WriteString(regexp.QuoteMeta(pattern[:end]))
			pattern = pattern[end:]
			continue
		}
		pattern = pattern[1:]
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}
