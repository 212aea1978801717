package conformance_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// query changes the query of a request.
func query(c *call, change func(get func(string) string, set func(name, value string))) {
	q := c.URL.Query()
	change(q.Get, func(name, value string) {
		if q.Set(name, value); value == "" {
			q.Del(name)
		}
	})
	c.URL.RawQuery = q.Encode()
}

// atOnce is a server that takes what it should refuse where something else came at the
// same time.
func atOnce(method, pattern, reason string, o map[string]any) wrong {
	var under atomic.Int64
	return every(func(c *call) {
		if !c.is(method, pattern) {
			return
		}
		under.Add(1)
		time.Sleep(20 * time.Millisecond) // for the others to come
		company := under.Load() > 1
		if c.ask().reason() == reason && company {
			c.say(201, o)
		}
		time.Sleep(20 * time.Millisecond)
		under.Add(-1)
	})
}

var journalFaults = []fault{
	{"rollouts.none", "no rollouts where there is no journal", bare, answers("GET", "rollouts", "not-supported", 200, map[string]any{"items": []any{}, "more": false})},
	{"rollouts.unknown", "an unknown rollout is an unknown path", example, every(func(c *call) {
		if c.is("PUT", leases) && c.ask().reason() == "unknown-rollout" {
			c.refuse(404, "not-found")
		}
	})},
	{"rollouts.begin", "200 for what is new", example, told("PUT", "rollouts/*", func(c *call) {
		if c.status == 201 {
			c.status = 200
		}
	})},
	{"events.append", "200 for an event", example, told("POST", events, func(c *call) {
		if c.status == 201 {
			c.status = 200
		}
	})},
	{"rollouts.kept", "ends of lines are made the same", example, told("GET", "rollouts/*", func(c *call) {
		if plan, ok := c.out["plan"].(string); ok {
			c.out["plan"] = strings.ReplaceAll(plan, "\r\n", "\n")
		}
	})},
	{"rollouts.again", "another ordinal the second time", example, told("PUT", "rollouts/*", func(c *call) {
		if c.status == 200 {
			c.out["ordinal"] = num(c.out["ordinal"]) + 1
		}
	})},
	{"rollouts.taken", "another rollout of the same id is the same", example, answers("PUT", "rollouts/*", "rollout-taken", 200, map[string]any{"ordinal": 1})},
	{"rollouts.unfinished", "it does not say at which stage", example, told("PUT", "rollouts/*", func(c *call) { delete(obj(c.out["unfinished"]), "stage") })},
	{"rollouts.stuck", "what is stuck has ended", example, heard("POST", events, func(c *call) {
		if h := obj(c.in["head"]); h["outcome"] == "stuck" {
			h["outcome"] = "rolled_back"
		}
	})},
	{"rollouts.targets", "a rollout without its list", example, answers("PUT", "rollouts/*", "targets-missing", 201, map[string]any{"ordinal": 1})},
	{"rollouts.header", "a rollout begins without If-None-Match", example, heard("PUT", "rollouts/*", func(c *call) { c.Header.Set("If-None-Match", "*") })},
	{"rollouts.ordinals rollouts.newest_first rollouts.pages", "ordinals fall", example, every(func(c *call) {
		if c.is("PUT", "rollouts/*") && c.ask().out["ordinal"] != nil {
			c.out["ordinal"] = 1_000_000 - num(c.out["ordinal"])
			c.write()
		}
	})},
	{"rollouts.race", "two begin at once", example, atOnce("PUT", "rollouts/*", "unfinished-rollout", map[string]any{"ordinal": 1})},
	{"events.opaque", "long events are cut", example, told("GET", events, func(c *call) {
		for _, e := range list(c.out["items"]) {
			if text := e["event"].(string); len(text) > 100_000 {
				e["event"] = text[:100_000]
			}
		}
	})},
	{"events.conflict", "an event that is too early is taken", example, told("POST", events, func(c *call) {
		if c.reason() == "sequence-conflict" && len(c.Header.Get("If-Match")) > 5 {
			c.say(201, map[string]any{})
		}
	})},
	{"events.header", "an event without its number", example, heard("POST", events, func(c *call) {
		if c.Header.Get("If-Match") == "" {
			c.Header.Set("If-Match", `"1"`)
		}
	})},
	{"events.race", "two write at once", example, atOnce("POST", events, "sequence-conflict", map[string]any{})},
	{"events.order", "from the one that is named on", example, heard("GET", events, func(c *call) {
		query(c, func(get func(string) string, set func(name, value string)) {
			if get("after") == "0" && get("limit") == "" {
				set("after", "-1")
			}
		})
	})},
	{"events.pages", "more is never said", example, told("GET", events, func(c *call) { c.out["more"] = false })},
	{"events.etag", "how many are on the page", example, told("GET", events, func(c *call) { c.header.Set("ETag", `"0"`) })},
	{"events.head", "the stage of the beginning", example, told("GET", "rollouts/*", func(c *call) { obj(c.out["head"])["stage"] = "conformance" })},
	{"rollouts.newest_first", "the oldest first", example, told("GET", "rollouts", func(c *call) {
		if c.URL.RawQuery == "" {
			slices.Reverse(c.out["items"].([]any))
		}
	})},
	{"rollouts.below", "below is ignored", example, heard("GET", "rollouts", func(c *call) {
		query(c, func(_ func(string) string, set func(name, value string)) { set("below", "") })
	})},
	{"rollouts.pages", "more is never said", example, told("GET", "rollouts", func(c *call) { c.out["more"] = false })},
	{"rollouts.outcome", "the outcome is ignored", example, heard("GET", "rollouts", func(c *call) {
		query(c, func(_ func(string) string, set func(name, value string)) { set("outcome", "") })
	})},
	{"rollouts.owner", "whoever comes owns it", example, answers("PUT", "rollouts/*/owner", "owner-differs", 200, map[string]any{})},
	{"leases.taken", "the rollout does not know", example, told("GET", "rollouts/*", func(c *call) { delete(c.out, "lease") })},
	{"leases.held", "it does not say by whom", example, told("PUT", leases, func(c *call) {
		if c.status == http.StatusConflict {
			delete(c.out, "lease")
		}
	})},
	{"leases.renewed", "nobody gets it twice", example, remembering(func(c *call, m *memory) {
		switch {
		case c.is("DELETE", leases):
			m.swap(c.rest, nil)
		case c.is("PUT", leases) && c.ask().status == 200 && m.swap(c.rest, c.in["holder"]) == c.in["holder"]:
			c.refuse(409, "leased")
		}
	})},
	{"leases.given_back", "it is kept all the same", example, every(func(c *call) {
		if c.is("DELETE", leases) {
			c.Method = "GET"
			c.URL.Path = strings.TrimSuffix(c.URL.Path, "/lease")
			c.ask()
			c.say(200, map[string]any{})
		}
	})},
	{"leases.passed", "who had it last has it", example, remembering(func(c *call, m *memory) {
		switch {
		case c.is("DELETE", leases):
			m.swap(c.rest, nil)
		case c.is("PUT", leases) && c.ask().status == 200:
			if before := m.swap(c.rest, c.in["holder"]); before != nil && before != c.in["holder"] {
				c.refuse(409, "leased")
			}
		}
	})},
	{"leases.no_right", "only the holder writes", example, remembering(func(c *call, m *memory) {
		rollout := strings.Split(c.rest+"/", "/")[1]
		if c.is("PUT", leases) {
			m.swap(rollout, true)
		}
		if c.is("POST", events) && c.in["event"] == "of another one" && m.has(rollout) {
			c.ask().refuse(409, "leased")
		}
	})},
}
