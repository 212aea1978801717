package conformance_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

// taken is a server that says 202 to orders that it should refuse with a reason.
func taken(reason string, when func(c *call) bool) wrong {
	return told("PUT", orders, func(c *call) {
		if c.reason() == reason && when(c) {
			c.say(202, map[string]any{})
		}
	})
}

func always(*call) bool { return true }

// of says whether an order is of a kind, and about a version.
func of(kind, version string) func(*call) bool {
	return func(c *call) bool { return c.kind() == kind && c.change()["version"] == version }
}

// span is a range of a change or a watch.
func span(v any) string { return fmt.Sprint(obj(v)["from"], obj(v)["to"]) }

// dropped is a server that takes some orders and does nothing about them.
func dropped(when func(c *call, m *memory) bool) wrong {
	return remembering(func(c *call, m *memory) {
		if !c.is("PUT", orders) || !when(c, m) {
			return
		}
		drop(c)
	})
}

// drop takes an order, and does nothing about it.
func drop(c *call) {
	c.Method = "GET"
	c.URL.Path, _, _ = strings.Cut(c.URL.Path, "/rollouts/")
	c.ask()
	c.say(202, map[string]any{})
}

// wavering is a server whose instances are out of service for a moment after some orders.
func wavering(when func(c *call, m *memory) bool) wrong {
	return remembering(func(c *call, m *memory) {
		switch {
		case c.is("PUT", orders) && when(c, m):
			m.swap("wavers", true)
		case c.is("POST", conditions) && c.ask().status == 200 && num(c.out["watched"]) > 0 && m.swap("wavers", nil) != nil:
			c.out["ready"], c.out["pending"] = max(0, num(c.out["ready"])-1), 1
			c.write()
		}
	})
}

var orderFaults = []fault{
	{"orders.taken answers.form", "200 for an order", rich, told("PUT", orders, func(c *call) {
		if c.status == 202 {
			c.status = 200
		}
	})},
	{"targets.missing", "an order about a list that is not there is taken", rich, taken("targets-missing", always)},
	{"targets.places", "places that are not in the list are passed over", rich, taken("invalid-request", always)},
	{"orders.again", "the same order twice is a fault", rich, remembering(func(c *call, m *memory) {
		if c.is("PUT", orders) && c.ask().status == 202 && m.swap(c.rest, string(c.body)) == string(c.body) {
			c.refuse(409, "order-differs")
		}
	})},
	{"orders.superseded", "an older order of the same rollout is taken", rich, remembering(func(c *call, m *memory) {
		if c.is("PUT", orders) {
			if c.ask().status == 202 {
				m.swap("ordinal", c.in["ordinal"])
			} else if before := m.swap("ordinal", nil); c.reason() == "superseded" && before == c.in["ordinal"] {
				m.swap("ordinal", before)
				c.say(202, map[string]any{})
			} else {
				m.swap("ordinal", before)
			}
		}
	})},
	{"orders.ordinal", "an order of an earlier rollout is taken", rich, taken("superseded", func(c *call) bool {
		return num(c.in["ordinal"]) == 1 && c.change()["version"] == "1.1.0" && strings.Contains(c.rest, "-1/")
	})},
	{"orders.differs", "another order of the same number is taken", rich, taken("order-differs", always)},
	{"orders.read", "reading fences", rich, remembering(func(c *call, m *memory) {
		switch {
		case c.is("POST", "measurements") && c.in["rollout"] != nil:
			m.swap("fenced", true)
		case c.is("PUT", orders) && m.swap("fenced", nil) != nil:
			c.ask().refuse(409, "superseded")
		}
	})},
	{"orders.absolute", "what is in effect is done again", rich, wavering(func(c *call, m *memory) bool {
		text, _ := json.Marshal(c.change())
		again := m.swap("change", string(text)) == string(text)
		return m.swap("path", c.rest) != c.rest && again && of("replace", "1.1.0")(c)
	})},
	{"orders.replaced", "an order waits for none, and is lost", rich, remembering(func(c *call, m *memory) {
		switch {
		case c.is("POST", conditions):
			m.swap("before", nil)
		case c.is("PUT", orders):
			if m.has("before") && of("replace", "1.0.0")(c) {
				drop(c)
			} else if c.ask().status == 202 && of("replace", "1.1.0")(c) {
				m.swap("before", true)
			}
		}
	})},
	{"orders.gone", "who is not there is a fault", rich, every(func(c *call) {
		if c.is("PUT", orders) && strings.Contains(fmt.Sprint(c.change()["named"]), "conformance-nobody") {
			c.ask().refuse(422, "refused")
		}
	})},
	{"orders.except", "except is ignored", rich, heard("PUT", orders, func(c *call) { delete(c.in, "except") })},
	{"orders.named", "named is ignored", rich, heard("PUT", orders, func(c *call) {
		if c.change()["instances"] != nil {
			delete(c.change(), "named")
		}
	})},
	{"refusals.kind", "any kind is taken", rich, taken("refused", always)},
	{"refusals.nothing", "what is refused is remembered", rich, remembering(func(c *call, m *memory) {
		if !c.is("PUT", orders) {
			return
		}
		if c.ask().reason() == "refused" {
			m.swap(c.rest, true)
		} else if m.has(c.rest) {
			c.refuse(409, "order-differs")
		}
	})},
	{"refusals.side_by_side", "installs are taken that cannot be", poor, taken("refused", func(c *call) bool { return c.kind() == "install" })},
	{"refusals.tenants", "pins are taken that cannot be", poor, taken("refused", func(c *call) bool { return c.kind() == "unpin" })},
	{"refusals.slots", "slots are taken that cannot be", poor, taken("refused", func(c *call) bool { return c.kind() == "shift" })},
	{"refusals.routes", "shares are taken that cannot be", lean, taken("refused", func(c *call) bool { return c.kind() == "shift" })},
	{"refusals.smoke", "smoke tests are taken that cannot be", poor, taken("refused", func(c *call) bool { return c.kind() == "smoke" })},
	{"changes.replace", "the old version stays", rich, told("GET", "instances", func(c *call) {
		for _, i := range list(c.out["items"]) {
			if i["default"] == "1.1.0" && len(i["installed"].([]any)) == 1 && i["slot"] != "conformance" {
				i["installed"] = []any{"1.0.0", "1.1.0"}
			}
		}
	})},
	{"changes.remove", "it is gone, and still installed", rich, told("GET", "instances", func(c *call) {
		for _, i := range list(c.out["items"]) {
			if installed, _ := i["installed"].([]any); len(installed) == 0 {
				i["installed"] = []any{"1.0.0"}
			}
		}
	})},
	{"changes.install", "an install takes the instance out of service", rich, wavering(func(c *call, _ *memory) bool { return c.kind() == "install" })},
	{"changes.activate", "another version becomes the default", rich, heard("PUT", orders, func(c *call) {
		if of("activate", "1.1.0")(c) {
			c.change()["version"] = "1.0.0"
		}
	})},
	{"changes.activate_none", "the default stays", rich, heard("PUT", orders, func(c *call) {
		if c.kind() == "activate" && c.change()["version"] == nil {
			c.change()["version"] = "1.0.0"
		}
	})},
	{"changes.remove_beside", "a removal takes the instance out of service", rich, wavering(func(c *call, _ *memory) bool { return of("remove", "1.1.0")(c) })},
	{"changes.pending", "nothing is pending ever", rich, remembering(func(c *call, m *memory) {
		switch {
		case c.is("PUT", orders):
			m.swap("all", nil)
			if of("replace", "1.1.0")(c) && span(c.change()["instances"]) == "0 3" && c.in["except"] == nil {
				m.swap("all", true)
			}
		case c.is("POST", conditions) && m.has("all") && c.ask().status == 200:
			c.out["pending"], c.out["ready"] = 0, c.out["watched"]
			c.write()
		}
	})},
	{"changes.pin", "one tenant more", rich, heard("PUT", orders, func(c *call) {
		if c.kind() == "pin" {
			obj(c.change()["tenants"])["to"] = num(obj(c.change()["tenants"])["to"]) + 1
		}
	})},
	{"changes.unpin", "who is pinned stays pinned", rich, dropped(func(c *call, _ *memory) bool { return c.kind() == "unpin" && span(c.change()["tenants"]) == "1 3" })},
	{"changes.pin_exposed", "tenants are not counted", rich, told("POST", conditions, func(c *call) { obj(c.out["exposed"])["tenants"] = 0 })},
	{"changes.pin_served", "the pinned are served by the default", rich, told("POST", "measurements", func(c *call) {
		if candidate, baseline := obj(c.out["candidate"]), obj(c.out["baseline"]); c.in["version"] == "1.1.0" && c.status == 200 {
			baseline["requests"], candidate["requests"], candidate["errors"] = num(baseline["requests"])+num(candidate["requests"]), 0, 0
		}
	})},
}
