package conformance_test

import (
	"fmt"
	"slices"
	"time"
)

// counted is a server that counts otherwise what is not the candidate's.
func counted(change func(c *call, baseline map[string]any, length time.Duration)) wrong {
	return told("POST", "measurements", func(c *call) {
		if c.status == 200 {
			from, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(c.in["from"]))
			to, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(c.in["to"]))
			change(c, obj(c.out["baseline"]), to.Sub(from))
		}
	})
}

var none = map[string]any{"requests": 0, "errors": 0, "timeouts": 0}

var trafficFaults = []fault{
	{"traffic.none", "zeros where nothing is counted", poor, answers("POST", "measurements", "not-supported", 200, map[string]any{"candidate": none, "baseline": none})},
	{"traffic.counts", "more errors than requests", rich, counted(func(_ *call, b map[string]any, _ time.Duration) { b["errors"] = num(b["requests"]) + 1 })},
	{"traffic.twice", "another count each time", rich, remembering(func(c *call, m *memory) {
		if c.is("POST", "measurements") && c.ask().status == 200 {
			n, _ := m.swap("n", nil).(float64)
			m.swap("n", n+1)
			b := obj(c.out["baseline"])
			b["errors"] = num(b["errors"]) + n
			c.write()
		}
	})},
	{"traffic.halves", "half a time has more than half", rich, counted(func(_ *call, b map[string]any, length time.Duration) {
		if length > time.Minute && length < 3*time.Minute {
			b["requests"] = num(b["requests"]) + 900
		}
	})},
	{"traffic.arms", "some of everything else is lost", rich, counted(func(c *call, _ map[string]any, _ time.Duration) {
		if c.in["version"] == "1.0.0" {
			obj(c.out["candidate"])["requests"] = num(obj(c.out["candidate"])["requests"]) - 100
		}
	})},
	{"traffic.nobody", "nobody served something", rich, counted(func(c *call, _ map[string]any, _ time.Duration) {
		if c.in["version"] == "" {
			obj(c.out["candidate"])["requests"] = 5
		}
	})},
	{"traffic.empty", "something in no time", rich, counted(func(_ *call, b map[string]any, length time.Duration) {
		if length == 0 {
			b["requests"] = 1
		}
	})},
	{"traffic.backwards", "the other way round", rich, heard("POST", "measurements", func(c *call) {
		from, to := fmt.Sprint(c.in["from"]), fmt.Sprint(c.in["to"])
		c.in["from"], c.in["to"] = min(from, to), max(from, to)
	})},
	{"traffic.newest", "a sample of tomorrow", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(b["newest"])); err == nil {
			b["newest"] = at.Add(24 * time.Hour).Format(time.RFC3339Nano)
		}
	})},
	{"traffic.minutes", "minutes that begin when they like", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		for _, one := range list(b["minutes"]) {
			at, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(one["start"]))
			one["start"] = at.Add(time.Second).Format(time.RFC3339Nano)
		}
	})},
	{"traffic.left_out", "a zero for what is not counted", lean, counted(func(_ *call, b map[string]any, _ time.Duration) { b["conversions"] = 0 })},
	{"traffic.coverage", "half of the instances do not report", rich, counted(func(c *call, _ map[string]any, _ time.Duration) { c.out["coverage"] = 0.5 })},
	{"traffic.unknown_wants", "what is wanted and not known is refused", rich, every(func(c *call) {
		if wants, _ := c.in["baseline"].([]any); c.rest == "measurements" && slices.Contains(wants, any("conformance")) {
			c.ask().refuse(400, "invalid-request")
		}
	})},
	{"latency.slower", "the slowest first", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		if slower, _ := b["slower"].([]any); slower != nil {
			slices.Reverse(slower)
		}
	})},
	{"latency.histogram", "a number too few", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		if h := obj(b["histogram"]); h["slower"] != nil {
			h["slower"] = h["slower"].([]any)[1:]
		}
	})},
	{"latency.mean", "more latencies than requests", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		if b["latency"] != nil {
			obj(b["latency"])["count"] = num(b["requests"]) + 1
		}
	})},
	{"by_tenant.sum", "half of the tenants", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		if per, _ := b["perTenant"].([]any); per != nil {
			b["perTenant"] = per[:len(per)/2]
		}
	})},
	{"by_tenant.once", "somebody is there twice", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		if per, _ := b["perTenant"].([]any); len(per) > 0 {
			b["perTenant"] = append(per, map[string]any{"tenant": obj(per[0])["tenant"], "requests": 0, "errors": 0})
		}
	})},
	{"by_tenant.worst", "the worst of five requests", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		if b["worst"] != nil {
			b["worst"] = map[string]any{"tenant": "tenant-01", "requests": 5, "errors": 5}
		}
	})},
	{"tenants_seen.count", "more tenants than there are", rich, counted(func(_ *call, b map[string]any, _ time.Duration) {
		if b["tenants"] != nil {
			b["tenants"] = 1000
		}
	})},
}
