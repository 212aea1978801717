package prom

import (
	"context"
	"errors"
	"strconv"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// exposed are the series of a family of metrics, as a Prometheus would name them.
func (s *scraper) exposed(t *scrapedTarget, f *dto.MetricFamily, at int64) (list []series) {
	for _, m := range f.GetMetric() {
		add := func(suffix string, v float64, more ...string) {
			labels := map[string]string{"__name__": f.GetName() + suffix, "instance": t.client.URL().Host}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels[s.label] == "" {
				labels[s.label] = t.Instance
			}
			for i := 0; i < len(more); i += 2 {
				labels[more[i]] = more[i+1]
			}
			list = append(list, series{Metric: labels, Value: &point{at, v}})
		}
		switch {
		case m.GetHistogram() != nil:
			h := m.GetHistogram()
			for _, b := range h.GetBucket() {
				add("_bucket", float64(b.GetCumulativeCount()), labelBound, strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64))
			}
			add("_sum", h.GetSampleSum())
			add("_count", float64(h.GetSampleCount()))
		case m.GetSummary() != nil:
			add("_sum", m.GetSummary().GetSampleSum())
			add("_count", float64(m.GetSummary().GetSampleCount()))
		default: // at most one of them is there
			add("", m.GetCounter().GetValue()+m.GetGauge().GetValue()+m.GetUntyped().GetValue())
		}
	}
	return list
}

// chosen are the series of a selector, in order, each with its samples of (from, to].
func (s *scraper) chosen(sel selector, from, to int64) ([]series, error) {
	by, err := sel.parsed()
	if err != nil {
		return nil, err
	}
	var list []series
next:
	for _, id := range sorted(s.series) {
		of := s.series[id]
		if of.Metric["__name__"] != sel.name {
			continue
		}
		for i := range by {
			if !by[i].matches(of.Metric) {
				continue next
			}
		}
		one := series{Metric: of.Metric}
		for _, p := range of.Values {
			if p.at > from && p.at <= to {
				one.Values = append(one.Values, p)
			}
		}
		if len(one.Values) > 0 {
			one.Value = &one.Values[len(one.Values)-1]
			list = append(list, one)
		}
	}
	return list, nil
}

// there are the series that the last scrapes had.
func (s *scraper) there(ctx context.Context, sel selector, at int64) ([]series, error) {
	if err := s.scrape(ctx, at); err != nil {
		return nil, err
	}
	return s.chosen(sel, at-3*s.every, at)
}

func (s *scraper) identify(ctx context.Context, at int64) (string, error) {
	return "", s.scrape(ctx, at)
}

func (s *scraper) raw(ctx context.Context, sel selector, from, to int64) ([]series, error) {
	if err := s.scrape(ctx, to); err != nil {
		return nil, err
	}
	return s.chosen(sel, from, to)
}

func (s *scraper) sums() bool { return false }

func (s *scraper) stepped(context.Context, string, int64, int64, time.Duration) ([]series, error) {
	return nil, errors.New("what is scraped here is not added up")
}

func (s *scraper) values(ctx context.Context, sel selector, at int64) ([]series, error) {
	return s.there(ctx, sel, at)
}

func (s *scraper) groups(ctx context.Context, sel selector, by []string, at int64, back time.Duration) ([]series, error) {
	all, err := s.there(ctx, sel, at)
	if err == nil && back > 0 {
		all, err = s.chosen(sel, at-back.Milliseconds(), at)
	}
	seen := map[string]bool{}
	var list []series
	for i := range all {
		labels := map[string]string{}
		for _, name := range by {
			if v := all[i].Metric[name]; v != "" {
				labels[name] = v
			}
		}
		if id := identity(labels); !seen[id] {
			seen[id] = true
			list = append(list, series{Metric: labels})
		}
	}
	return list, err
}

func (s *scraper) count(ctx context.Context, sel selector, at int64) (int, error) {
	all, err := s.there(ctx, sel, at)
	return len(all), err
}

func (s *scraper) natives(context.Context, selector, int64) (int, error) { return 0, nil }

func (s *scraper) ages(ctx context.Context, sel selector, at int64) (oldest, newest time.Duration, err error) {
	all, err := s.there(ctx, sel, at)
	for i := range all {
		age := time.Duration(at-all[i].Value.at) * time.Millisecond
		if oldest = max(oldest, age); i == 0 || age < newest {
			newest = age
		}
	}
	return oldest, newest, err
}

func (s *scraper) interval(context.Context, selector, int64) (time.Duration, error) {
	return time.Duration(s.every) * time.Millisecond, nil
}

func (s *scraper) close() {
	for i := range s.targets {
		s.targets[i].client.Close()
	}
}
