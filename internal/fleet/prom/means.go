package prom

import "github.com/hotswap-io/terraform-provider-hotswap/internal/engine"

// meanQueries are the queries of means, but for that of latencies.
var meanQueries = []struct {
	query string
	gauge bool
}{{queryExecution, false}, {querySatisfaction, false}, {queryCPU, true}, {queryMemory, true}}

// needMean has the sum and the number of some values followed.
func (w *work) needMean(query string, gauge bool) {
	f := family{tenant: query == queryTenantDuration || query == queryTenantSatisfaction, gauge: gauge}
	if gauge {
		w.need(query, f)
		return
	}
	w.needPart(query, "_sum", f)
	w.needPart(query, "_count", f)
}

// mean is the mean of the values that a query has, of the keys that of takes.
func (w *work) mean(query string, scale float64, of func(cellKey) bool) engine.Mean {
	if f := w.m.fs[query]; f != nil && f.gauge {
		var n float64
		for _, k := range sortedKeys(f.counts) {
			if of(k) {
				n += f.counts[k].between(w.from, w.to)
			}
		}
		return engine.Mean{Sum: w.total(f, of) * scale, Count: whole(n)}
	}
	count := whole(w.total(w.m.fs[query+"_count"], of))
	if count == 0 {
		return engine.Mean{}
	}
	return engine.Mean{Sum: w.total(w.m.fs[query+"_sum"], of) * scale, Count: count}
}

// means fills in what is the mean of something, and the conversions.
func (w *work) means(m *engine.Measurement, baseline bool) {
	of := func(k cellKey) bool { return w.has(k.version, baseline) }
	m.Latency = w.latencyMean(of)
	m.Execution = w.mean(queryExecution, w.m.inMs(), of)
	m.Satisfaction = w.mean(querySatisfaction, 1, of)
	m.CPU = w.mean(queryCPU, 1, of)
	m.Memory = w.mean(queryMemory, 1, of)
	m.Conversions = min(whole(w.total(w.m.fs[queryConversions], of)), m.Requests)
}

// inMs is how many ms the unit of durations has.
func (m *Meter) inMs() float64 { return m.set.DurationUnit.Seconds() * 1000 }
