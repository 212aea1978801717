package conformance_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strings"
	"time"
)

// fault is a server that is wrong in one way, and the clauses that do not hold on it: the
// first is the one that it is about, and the others cannot hold either.
type fault struct {
	clauses string
	what    string
	on      base
	wrong   wrong
}

var requestFaults = []fault{
	{"service.limits answers.form", "a limit below one", rich, told("GET", "/v1", func(c *call) { obj(c.out["limits"])["targets"] = -1 })},
	{"service.sandbox conditions.counts tenants_seen.count", "too few tenants", rich, told("GET", "tenants", func(c *call) {
		kept := []any{}
		for _, of := range list(c.out["items"]) {
			if of["id"].(string) <= "tenant-05" {
				kept = append(kept, of)
			}
		}
		if len(kept) < len(list(c.out["items"])) {
			delete(c.out, "next")
		}
		c.out["items"] = kept
	})},
	{"auth.missing", "nobody needs a token", rich, every(func(c *call) {
		if c.Header.Get("Authorization") == "" {
			c.Header.Set("Authorization", "Bearer "+token)
		}
	})},
	{"auth.wrong", "any token is good", rich, every(func(c *call) {
		if c.Header.Get("Authorization") != "" {
			c.Header.Set("Authorization", "Bearer "+token)
		}
	})},
	{"auth.silent", "the token is told back", rich, every(func(c *call) {
		if c.ask().status == http.StatusUnauthorized {
			c.out["detail"] = c.Header.Get("Authorization") + " is not known"
			c.write()
		}
	})},
	{"requests.plugin", "an unknown plugin is an unknown path", rich, every(func(c *call) {
		if c.ask().reason() == "unknown-plugin" {
			c.refuse(404, "not-found")
		}
	})},
	{"requests.path", "an unknown path is an unknown plugin", rich, every(func(c *call) {
		if c.ask().reason() == "not-found" && strings.Contains(c.URL.Path, "no-such-path") {
			c.refuse(404, "unknown-plugin")
		}
	})},
	{"requests.json", "what is no JSON is an empty object", rich, heard("POST", conditions, func(c *call) {
		if c.in == nil && c.Header.Get("Content-Encoding") == "" {
			c.in = map[string]any{"candidate": "1.1.0"}
		}
	})},
	{"requests.media", "the type of a body does not matter", rich, heard("POST", conditions, func(c *call) { c.Header.Set("Content-Type", "application/json") })},
	{"requests.large", "a body may be as large as it likes", rich, answers("POST", conditions, "too-large", 200, map[string]any{
		"exposed": map[string]any{"tenants": 0, "instances": 0, "share": 0}, "pending": 0, "brokenCount": 0, "watched": 0, "ready": 0, "unproven": 0, "failing": 0,
		"smoke": map[string]any{"running": 0, "passed": 0, "failed": 0},
	})},
	{"requests.unknown_fields", "unknown fields are refused", rich, heard("POST", conditions, func(c *call) {
		if c.in["conformanceField"] != nil {
			c.refuse(400, "invalid-request")
		}
	})},
	{"requests.parameters", "parameters that cannot be are ignored", rich, heard("GET", "instances", func(c *call) {
		if q := c.URL.Query(); strings.Trim(q.Get("limit"), "123456789") != "" && q.Get("limit") != "1073741824" {
			q.Del("limit")
			c.URL.RawQuery = q.Encode()
		}
	})},
	{"requests.gzip", "an encoding that is not known is ignored", rich, every(func(c *call) {
		if c.Header.Get("Content-Encoding") == "conformance" {
			c.Header.Del("Content-Encoding")
		}
	})},
	{"answers.gzip", "answers are compressed for who takes it and who does not", rich, remembering(func(c *call, m *memory) {
		if c.Header.Get("Content-Encoding") == "conformance" { // of the clause before this one
			m.swap("now", true)
		}
		if c.is("GET", "instances") && m.swap("now", nil) != nil {
			c.ask()
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(c.came)
			_ = z.Close()
			c.came, c.out = b.Bytes(), nil
			c.header.Set("Content-Encoding", "gzip")
		}
	})},
	{"answers.media", "JSON of another type", rich, told("GET", "tenants", func(c *call) { c.header.Set("Content-Type", "text/json") })},
	{"answers.form", "a number below its least", rich, told("GET", "tenants", func(c *call) { list(c.out["items"])[0]["weight"] = -1 })},
	{"answers.at", "a time in another zone", rich, told("GET", "tenants", func(c *call) {
		at, _ := time.Parse(time.RFC3339Nano, c.out["at"].(string))
		c.out["at"] = at.In(time.FixedZone("", 3600)).Format(time.RFC3339Nano)
	})},
	{"answers.clock", "a clock that goes back", rich, told("GET", "tenants", func(c *call) {
		at, _ := time.Parse(time.RFC3339Nano, c.out["at"].(string))
		c.out["at"] = at.Add(-time.Hour).Format(time.RFC3339Nano)
	})},
	{"problems.form", "a problem of another type", rich, every(func(c *call) {
		if c.ask().reason() == "not-found" {
			c.header.Set("Content-Type", "application/json")
		}
	})},
	{"problems.reasons", "a reason with another status", rich, every(func(c *call) {
		if c.ask().reason() == "not-found" {
			c.refuse(400, "not-found")
		}
	})},
	{"fleet.names", "another plugin", rich, told("GET", "", func(c *call) { c.out["plugin"] = "another" })},
	{"fleet.routes", "99 % of the traffic", rich, told("GET", "", func(c *call) {
		if r := list(c.out["routes"]); len(r) == 1 {
			r[0]["percent"] = 99
		}
	})},
	{"fleet.versions", "more are ready than there are", rich, told("GET", "", func(c *call) {
		for _, v := range list(c.out["versions"]) {
			v["ready"] = num(v["instances"]) + 1
		}
	})},
	{"fleet.agrees", "counts of a while ago", rich, told("GET", "", func(c *call) {
		for _, v := range list(c.out["versions"]) {
			v["instances"], v["ready"] = num(v["instances"])+1, num(v["ready"])+1
		}
	})},
	{"fleet.bounds latency.slower traffic.left_out", "bounds that descend", rich, told("GET", "", func(c *call) { obj(c.out["capabilities"])["latencyBounds"] = []int{100, 50} })},
	{"lists.sorted", "somebody is there twice", rich, told("GET", "tenants", func(c *call) {
		if items := list(c.out["items"]); c.out["next"] == nil && c.URL.Query().Get("limit") == "" && len(items) > 0 {
			c.out["items"] = append(c.out["items"].([]any), items[len(items)-1])
		}
	})},
	{"lists.limit", "as many as it likes", rich, every(func(c *call) {
		if c.rest == "instances" && (c.URL.RawQuery == "limit=1" || c.URL.RawQuery == "limit=2") {
			c.URL.RawQuery = ""
		}
	})},
	{"lists.pages", "the last one of a page is lost", rich, told("GET", "tenants", func(c *call) {
		if items := c.out["items"].([]any); c.URL.Query().Get("limit") == "3" && len(items) == 3 {
			c.out["items"] = items[:2]
		}
	})},
	{"lists.cursor", "any cursor is the beginning", rich, every(func(c *call) {
		if c.rest == "instances" && c.ask().reason() != nil && c.URL.Query().Get("cursor") != "" {
			c.URL.RawQuery = ""
			c.ask()
		}
	})},
	{"lists.instances", "what is installed is not sorted", rich, untilOrdered(func(c *call) {
		if c.is("GET", "instances") {
			for _, i := range list(c.out["items"]) {
				i["installed"] = append(i["installed"].([]any), "0.9.0")
			}
		}
	})},
	{"tenants.none", "tenants that cannot be", poor, told("GET", "tenants", func(c *call) { c.out["items"] = []any{map[string]any{"id": "tenant-01", "weight": 1}} })},
	{"targets.kept", "a line more", rich, told("GET", "targets/*", func(c *call) {
		if c.status == 200 && !bytes.Contains(c.came, []byte("zipped")) {
			c.came = append(slices.Clone(c.came), '\n')
		}
	})},
	{"targets.unknown", "an empty list for one that is not there", rich, answers("GET", "targets/*", "not-found", 200, map[string]any{})},
	{"targets.digest", "any digest is good", rich, answers("PUT", "targets/*", "targets-differ", 201, map[string]any{})},
}

// remembering is a server that goes by what was before.
func remembering(do func(c *call, m *memory)) wrong {
	return func(next http.Handler) http.Handler {
		m := newMemory()
		return every(func(c *call) { do(c, m) })(next)
	}
}

// untilOrdered is a server whose answers are others until an order came.
func untilOrdered(change func(c *call)) wrong {
	return remembering(func(c *call, m *memory) {
		if c.is("PUT", orders) {
			m.swap("ordered", true)
		}
		if !m.has("ordered") && c.ask().out != nil {
			change(c)
			c.write()
		}
	})
}
