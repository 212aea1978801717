package main

import (
	"net/http"
	"slices"
	"time"
)

// second is the traffic of one: requests and errors by the version that served them.
type second struct {
	at               time.Time
	requests, errors map[string]int64
}

// advance lets time pass: changes that are due take effect, and each tenant sends a
// request in each second. A day of it is kept.
func (w *world) advance(now time.Time) {
	for w.done(w.counted); !w.counted.After(now); w.counted = w.counted.Add(time.Second) {
		w.done(w.counted)
		s := second{w.counted, map[string]int64{}, map[string]int64{}}
		up := slices.DeleteFunc(slices.Clone(w.instances), func(i *instance) bool { return !i.ready() })
		for n, id := range w.tenants {
			version := ""
			if len(up) > 0 {
				version = up[(n+int(s.at.Unix()))%len(up)].version
			}
			if pin := w.pins[id]; pin != "" && slices.ContainsFunc(up, func(i *instance) bool { return slices.Contains(i.installed, pin) }) {
				version = pin
			}
			s.requests[version]++
			if (n+int(s.at.Unix()))%5 == 0 && version == w.bad || (7*n+int(s.at.Unix()))%200 == 0 || version == "" {
				s.errors[version]++
			}
		}
		w.seconds = append(w.seconds, s)
	}
	w.seconds = w.seconds[max(0, len(w.seconds)-86_400):]
	w.done(now)
}

// done has changes take effect that are due.
func (w *world) done(now time.Time) {
	for _, i := range w.instances {
		if i.change != nil && !i.due.After(now) {
			i.change(i)
			i.change = nil
		}
	}
}

// measure counts a time: what a version served, and everything else.
func (w *world) measure(_ http.ResponseWriter, r *http.Request) (int, object) {
	q := read[struct {
		Version, Targets    string
		From, To            time.Time
		Candidate, Baseline []string
		Instances           span
	}](r)
	must(!q.From.IsZero() && !q.To.Before(q.From), "invalid-request", "from and to are wanted here, in this order")
	w.among(q.Targets, "instance", q.Instances) // they have to be there, though all are counted
	arm := func(wants []string, of func(version string) bool) object {
		var requests, errors int64
		o, minutes := object{"timeouts": 0}, []object{}
		for _, s := range w.seconds {
			if s.at.Before(q.From) || !s.at.Before(q.To) {
				continue
			}
			for version, n := range s.requests {
				if !of(version) {
					continue
				}
				start := s.at.Truncate(time.Minute).UTC()
				if n := len(minutes); n == 0 || minutes[n-1]["start"] != start {
					minutes = append(minutes, object{"start": start, "requests": int64(0), "errors": int64(0)})
				}
				m := minutes[len(minutes)-1]
				m["requests"], m["errors"] = m["requests"].(int64)+n, m["errors"].(int64)+s.errors[version]
				requests, errors, o["newest"] = requests+n, errors+s.errors[version], s.at.UTC()
			}
		}
		if slices.Contains(wants, "minutes") {
			o["minutes"] = slices.DeleteFunc(minutes, func(m object) bool {
				start := m["start"].(time.Time)
				return start.Before(q.From) || start.Add(time.Minute).After(q.To)
			})
		}
		o["requests"], o["errors"] = requests, errors
		return o
	}
	return 200, object{
		"candidate": arm(q.Candidate, func(v string) bool { return v == q.Version && v != "" }),
		"baseline":  arm(q.Baseline, func(v string) bool { return v != q.Version || v == "" }),
	}
}
