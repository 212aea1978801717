package conformance_test

import (
	"strings"
)

// watches is how many reasons a watch has to watch somebody.
func watches(c *call) bool {
	return c.in["instances"] != nil || c.in["named"] != nil || c.in["slot"] != nil
}

// more has a condition watch more.
func more(c *call, n float64) {
	c.out["watched"], c.out["ready"] = num(c.out["watched"])+n, num(c.out["ready"])+n
}

var slotFaults = []fault{
	{"slots.provision", "one instance more", rich, heard("PUT", orders, func(c *call) {
		if c.kind() == "provision" {
			c.change()["count"] = num(c.change()["count"]) + 1
		}
	})},
	{"slots.count", "a slot never shrinks", rich, dropped(func(c *call, _ *memory) bool { return c.kind() == "provision" && num(c.change()["count"]) == 1 })},
	{"slots.retire", "a slot that is not there is a fault", rich, remembering(func(c *call, m *memory) {
		if before := m.has("retired"); c.is("PUT", orders) {
			m.swap("retired", nil)
			if c.kind() == "retire" {
				if m.swap("retired", true); before {
					c.ask().refuse(422, "refused")
				}
			}
		}
	})},
	{"slots.shift", "some of the traffic is lost", rich, told("GET", "", func(c *call) {
		for _, r := range list(c.out["routes"]) {
			if r["slot"] == "conformance" && num(r["percent"]) == 100 {
				r["percent"] = 90
			}
		}
	})},
	{"slots.unnamed", "who is not named keeps its traffic", rich, dropped(func(c *call, _ *memory) bool { return c.kind() == "shift" && len(list(c.change()["routes"])) == 1 })},
	{"slots.shift_exposed", "the share is not told", rich, told("POST", conditions, func(c *call) {
		if e := obj(c.out["exposed"]); num(e["share"]) == 100 {
			e["share"] = 0
		}
	})},
	{"slots.share", "whole percents only", rich, heard("PUT", orders, func(c *call) {
		for _, r := range list(c.change()["routes"]) {
			switch r["percent"] {
			case 12.5:
				r["percent"] = 13
			case 87.5:
				r["percent"] = 87
			}
		}
	})},
	{"smoke.run", "tests that passed are forgotten", rich, told("POST", conditions, func(c *call) { obj(c.out["smoke"])["passed"] = 0 })},
	{"smoke.again", "the tests are run again", rich, remembering(func(c *call, m *memory) {
		switch {
		case c.is("PUT", orders):
			m.swap("runs", nil)
			if c.kind() == "smoke" && m.swap(c.rest, true) != nil {
				m.swap("runs", true)
			}
		case c.is("POST", conditions) && m.has("runs") && c.ask().status == 200:
			c.out["smoke"] = map[string]any{"running": 2, "passed": 0, "failed": 0}
			c.write()
		}
	})},
	{"conditions.unknown", "something is always pending", rich, remembering(func(c *call, m *memory) {
		rollout := strings.Split(c.rest+"/", "/")[1]
		switch {
		case c.is("PUT", orders):
			m.swap(rollout, true)
		case c.is("POST", conditions) && !m.has(rollout) && c.ask().status == 200:
			c.out["pending"] = 1
			c.write()
		}
	})},
	{"conditions.none", "who watches nobody watches all", rich, told("POST", conditions, func(c *call) {
		if c.status == 200 && !watches(c) {
			more(c, 3)
		}
	})},
	{"conditions.range", "a range begins with the first one", rich, heard("POST", conditions, func(c *call) {
		if num(obj(c.in["instances"])["from"]) == 1 {
			obj(c.in["instances"])["from"] = 0
		}
	})},
	{"conditions.named", "who is not there is counted", rich, told("POST", conditions, func(c *call) {
		if named, _ := c.in["named"].([]any); len(named) == 2 && named[1] == "conformance-nobody" {
			more(c, 1)
		}
	})},
	{"conditions.slot", "a slot that is not there has an instance", rich, told("POST", conditions, func(c *call) {
		if c.in["slot"] == "conformance" && num(c.out["watched"]) == 0 {
			more(c, 1)
		}
	})},
	{"conditions.once", "whoever is named twice is counted twice", rich, told("POST", conditions, func(c *call) {
		if named, _ := c.in["named"].([]any); len(named) == 2 && named[0] == named[1] {
			more(c, 1)
		}
	})},
	{"conditions.except", "except is ignored", rich, heard("POST", conditions, func(c *call) { delete(c.in, "except") })},
	{"conditions.failures", "somebody fails though nobody asks", rich, told("POST", conditions, func(c *call) {
		if c.in["failures"] == nil && num(c.out["watched"]) > 0 {
			c.out["failing"] = 1
		}
	})},
	{"conditions.unproven", "who is not probed is unproven", poor, told("POST", conditions, func(c *call) {
		if num(c.out["ready"]) > 0 {
			c.out["unproven"] = 1
		}
	})},
	{"conditions.counts", "more are listed than watched", rich, told("POST", conditions, func(c *call) {
		if num(c.in["failures"]) == 1 {
			ailing := []any{}
			for range 5 {
				ailing = append(ailing, map[string]any{"instance": "a", "ready": true, "failures": 0})
			}
			c.out["ailing"] = ailing
		}
	})},
}
