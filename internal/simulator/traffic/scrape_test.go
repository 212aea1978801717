package traffic

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestScrapesThatAreLost holds that the next scrape has what a lost one would have had.
func TestScrapesThatAreLost(t *testing.T) {
	cfg, does := usual()
	cfg.Resolution = time.Minute
	whole := flowOf(cfg, does, 150, time.Hour)
	cfg.Missing = 0.5
	holed := flowOf(cfg, does, 150, time.Hour)
	s := holed.scrapes
	var read, lost int
	for k := range int64(1000) {
		if s.read(k) {
			read++
		} else {
			lost++
		}
	}
	if read < 430 || lost < 430 {
		t.Errorf("of 1000 scrapes %d were read and %d lost, want half of them", read, lost)
	}
	last := s.upTo(int64(time.Hour))
	first := s.from(0)
	a, b := ask(whole, oldArm, time.Duration(first), time.Duration(last), engine.WantCounts), ask(holed, oldArm, 0, time.Hour, engine.WantCounts)
	if a.Requests != b.Requests {
		t.Errorf("from the first sample to the last: %d requests with every scrape, %d with half of them", a.Requests, b.Requests)
	}
}
