package prom

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml"
)

// file is what a file with queries may have.
type file struct {
	Queries map[string]string `yaml:"queries"`
	Labels  struct {
		Version  string `yaml:"version"`
		Instance string `yaml:"instance"`
		Slot     string `yaml:"slot"`
		Outcome  string `yaml:"outcome"`
		Tenant   string `yaml:"tenant"`
	} `yaml:"labels"`
	Params         map[string]string `yaml:"params"`
	ScrapeInterval string            `yaml:"scrape_interval"`
	Delay          string            `yaml:"delay"`
	DurationUnit   string            `yaml:"duration_unit"`
	MaxSeries      int               `yaml:"max_series"`
}

// Read puts into s what a file in YAML says of queries, labels, params, scrape_interval,
// delay, duration_unit ("s" or "ms") and max_series. The error names what cannot be read.
func (s *Settings) Read(data []byte) error {
	var f file
	if err := yaml.UnmarshalWithOptions(data, &f, yaml.Strict()); err != nil {
		return err
	}
	for _, d := range []struct {
		name, text string
		to         *time.Duration
	}{{"scrape_interval", f.ScrapeInterval, &s.ScrapeInterval}, {"delay", f.Delay, &s.Delay}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.to, err = time.ParseDuration(d.text); err != nil {
			return fmt.Errorf("%s: %q is not a time like 15s", d.name, d.text)
		}
	}
	switch f.DurationUnit {
	case "", "s":
	case "ms":
		s.DurationUnit = time.Millisecond
	default:
		return fmt.Errorf("duration_unit: %q is neither s nor ms", f.DurationUnit)
	}
	s.Queries, s.Params = f.Queries, f.Params
	s.Labels = Labels{f.Labels.Version, f.Labels.Instance, f.Labels.Slot, f.Labels.Outcome, f.Labels.Tenant}
	if f.MaxSeries != 0 {
		s.MaxSeries = f.MaxSeries
	}
	return nil
}
