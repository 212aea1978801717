package observe

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Definition is what there is to know of a metric beforehand.
type Definition struct {
	Name   string
	Type   string // counter, gauge or histogram
	Labels []string
	Help   string
}

// catalogue makes metrics, and knows which it made.
type catalogue struct {
	registry *prometheus.Registry
	all      []Definition
}

func (c *catalogue) define(name, kind, help string, labels []string) {
	c.all = append(c.all, Definition{Name: name, Type: kind, Labels: labels, Help: help})
}

// counter is a metric that only grows.
func (c *catalogue) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c.define(name, "counter", help, labels)
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	c.registry.MustRegister(v)
	return v
}

// gauge is a metric that goes up and down.
func (c *catalogue) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	c.define(name, "gauge", help, labels)
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	c.registry.MustRegister(v)
	return v
}

// histogram is a metric of how long something takes.
func (c *catalogue) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	c.define(name, "histogram", help, labels)
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	c.registry.MustRegister(v)
	return v
}

// computed is a gauge that is worked out when somebody asks.
func (c *catalogue) computed(name, help string, labels ...string) *prometheus.Desc {
	c.define(name, "gauge", help, labels)
	return prometheus.NewDesc(name, help, labels, nil)
}

// Catalogue lists the metrics of the server itself, by their names; those of Go and of the
// process come beside.
func (m *Metrics) Catalogue() []Definition {
	all := slices.Clone(m.catalogue.all)
	slices.SortFunc(all, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	return all
}
