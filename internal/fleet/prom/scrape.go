package prom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Target is an instance that exposes its own metrics.
type Target struct {
	Instance string // as the fleet lists it
	Address  string // of the metrics, as https://i-1.example.com/metrics
}

// usualScrape is the time between scrapes unless the settings say another.
const usualScrape = 15 * time.Second

// NewScraping makes a meter that scrapes instances itself, where there is no Prometheus, as
// it is asked and no more often than the scrape interval. It counts from when it was first
// asked, and what happened before is not known to it; nor is anything to another process.
// The address of the settings is not used. The error is that of Settings.Check.
func NewScraping(s Settings, targets []Target) (*Meter, error) {
	s = s.usual()
	if s.ScrapeInterval == 0 {
		s.ScrapeInterval = usualScrape
	}
	own := &scraper{every: s.ScrapeInterval.Milliseconds(), label: s.Labels.Instance, series: map[string]*series{}}
	for _, t := range targets {
		s.Address = t.Address
		if ps := s.Check(); len(ps) > 0 {
			return nil, ps
		}
		client, err := connect.New(s.Settings)
		if err != nil {
			return nil, err
		}
		own.targets = append(own.targets, scrapedTarget{t, client})
	}
	if len(targets) == 0 {
		return nil, engine.Problems{{Path: s.Path, Rule: "names no instances to scrape"}}
	}
	m := newMeter(s, own)
	for _, name := range sorted(m.queries) {
		if _, err := m.queries[name].parsed(); err != nil {
			return nil, engine.Problems{{Path: s.Path + ".queries." + name, Rule: err.Error()}}
		}
		own.names = append(own.names, m.queries[name].name)
	}
	return m, nil
}

// scraper is a source of the samples that it scrapes itself.
type scraper struct {
	targets []scrapedTarget
	every   int64 // ms
	label   string
	names   []string // of the metrics that are kept
	last    int64    // when it scraped, Unix ms; 0: it has not
	series  map[string]*series
	failed  error // why the last scrape of some target failed
}

type scrapedTarget struct {
	Target
	client *connect.Client
}

// mostKept is how many samples of a series are kept.
const mostKept = 20_000

// mostExposed is how many bytes of an instance's metrics are read.
const mostExposed = 16 << 20

// scrape reads all targets, unless that was done less than a scrape ago.
func (s *scraper) scrape(ctx context.Context, at int64) error {
	if s.last != 0 && at < s.last+s.every {
		return nil
	}
	got, wrong := make([][]series, len(s.targets)), make([]error, len(s.targets))
	var all sync.WaitGroup
	turn := make(chan struct{}, 8)
	for i := range s.targets {
		all.Go(func() {
			turn <- struct{}{}
			got[i], wrong[i] = s.read(ctx, &s.targets[i], at)
			<-turn
		})
	}
	all.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.last, s.failed = at, errors.Join(wrong...)
	none := true
	for i := range got {
		none = none && wrong[i] != nil
		for _, one := range got[i] {
			s.keep(one)
		}
	}
	if none {
		return s.failed
	}
	return nil
}

// keep keeps the sample of a series.
func (s *scraper) keep(one series) {
	id := identity(one.Metric)
	of := s.series[id]
	if of == nil {
		of = &series{Metric: one.Metric}
		s.series[id] = of
	}
	of.Values = append(of.Values, *one.Value)
	if len(of.Values) > mostKept {
		of.Values = slices.Clone(of.Values[mostKept/2:])
	}
}

// read reads what an instance exposes.
func (s *scraper) read(ctx context.Context, t *scrapedTarget, at int64) ([]series, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.client.URL().String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/plain;version=0.0.4")
	answer, err := t.client.Fetch(req, mostExposed)
	if err != nil {
		return nil, err
	}
	const whom = "an instance's metrics"
	if answer.Response.StatusCode != http.StatusOK || expfmt.ResponseFormat(answer.Response.Header).FormatType() != expfmt.TypeTextPlain {
		return nil, t.client.Unexpected(answer.Response, answer.Body, whom)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(answer.Body))
	if err != nil {
		return nil, fmt.Errorf("%s: the metrics cannot be read: %w", t.Address, err)
	}
	var list []series
	for _, name := range s.names {
		for _, suffix := range []string{"", "_bucket", "_sum", "_count"} { // those without a type have names of their own
			if f := families[name+suffix]; f != nil {
				list = append(list, s.exposed(t, f, at)...)
			}
		}
	}
	return list, nil
}
