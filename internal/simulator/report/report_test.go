package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

func read(t *testing.T, file string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func written(t *testing.T, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pictures checks that every picture is well-formed and stays on its canvas, and
// gives how many there are.
func pictures(t *testing.T, page string) int {
	t.Helper()
	desk := regexp.MustCompile(`(?s)<svg viewBox="0 0 960.*?</svg>`).FindAllString(page, -1)
	pocket := regexp.MustCompile(`(?s)<svg viewBox="0 0 352.*?</svg>`).FindAllString(page, -1)
	if len(desk) != len(pocket) {
		t.Errorf("there are %d pictures for a desk, and %d for a phone", len(desk), len(pocket))
	}
	found := append(slices.Clone(desk), pocket...)
	for _, svg := range found {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%v in\n%s", err, svg)
				break
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || strings.Contains(svg, `="-`) || strings.Contains(svg, ">-0") {
			t.Errorf("something is no number, or off the canvas, in\n%s", svg)
		}
	}
	return len(desk)
}

// TestEveryScenario draws each of the library, twice: the same bytes, well-formed,
// and nothing in it that needs a network.
func TestEveryScenario(t *testing.T) {
	files, err := filepath.Glob("../../../examples/scenarios/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		s := read(t, file)
		var pages [2]string
		for i := range pages {
			r, err := scenario.Run(t.Context(), s, s.Seed, scenario.Options{Record: true})
			if err != nil {
				t.Fatal(err)
			}
			p := New(s.Name, `<b>&"`)
			p.Run(r)
			pages[i] = written(t, p)
			if r.Plan != nil && pictures(t, pages[i]) == 0 {
				t.Errorf("%s: there is no picture", file)
			}
		}
		if pages[0] != pages[1] {
			t.Errorf("%s: the reports differ", file)
		}
		if strings.Contains(pages[0], "<b>") || regexp.MustCompile(`(src|href)=|https?://|url\(`).MatchString(pages[0]) {
			t.Errorf("%s: the report is not self-contained, or not escaped", file)
		}
	}
}

// TestCampaign draws campaigns of a bad and of a good version, whatever the number of
// runs under way at once.
func TestCampaign(t *testing.T) {
	for _, name := range []string{"guide-canary-regression", "guide-canary", "troubleshooting-canary-stuck"} {
		s := read(t, "../../../examples/scenarios/"+name+".yaml")
		var first string
		for _, workers := range []int{1, 2} {
			f, err := campaign.Run(t.Context(), s, campaign.Options{Runs: 30, Seed: 1, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			p := New(s.Name, "")
			p.Campaign(f)
			curve, err := campaign.CurveOf(t.Context(), s, campaign.Options{Runs: 3, Seed: 1, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			p.Curve(curve)
			page := written(t, p)
			if pictures(t, page) == 0 {
				t.Errorf("%s: there is no picture", name)
			}
			if first == "" {
				first = page
			}
			if page != first {
				t.Errorf("%s: with %d at once, the report differs", name, workers)
			}
		}
	}
}

// TestTuned draws a search, with points on the front that are near each other.
func TestTuned(t *testing.T) {
	tuned := &campaign.Tuned{Scenario: "s", Strategy: "Canary", MostFalseRollback: 0.05, MostGoodStopped: 0.05, MostMissed: 0.05}
	for i, name := range []string{"A", "B", "C", "", ""} {
		tuned.Points = append(tuned.Points, campaign.Point{
			Setting: campaign.Setting{Stages: []int{10, 100}, PeriodSeconds: float64(60 * (i + 1)), MaxErrorRate: 0.05, Mode: "threshold"},
			Name:    name, Duration: campaign.Spread{Count: 9, P50: float64(600 + i*i*20)}, Failed: campaign.Spread{Count: 9, Mean: float64(90 - 10*i)},
			Within: i < 4, HCL: "canary = {}", GoodStopped: campaign.Share{High: 0.02 * float64(i)},
		})
	}
	far := tuned.Points[4]
	far.Failed.Mean, far.PeriodSeconds = 1e6, 900
	tuned.Points = append(tuned.Points, far)
	p := New("s", "")
	p.Tuned(tuned)
	page := written(t, p)
	if n := pictures(t, page); n != 2 || !strings.Contains(page, "A, B") || !strings.Contains(page, "1 settings are so far out") || !strings.Contains(page, ">160 %<") || !strings.Contains(page, "canary = {}") {
		t.Errorf("%d pictures", n)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		a    axis
		n    int
		last float64
	}{{axis{0, 1, 0, 1}, 6, 1}, {axis{0, 1, 0, 0.08}, 5, 0.08}, {axis{0, 1, 3, 3}, 1, 3}, {axis{0, 1, 10, 4000}, 4, 4000}} {
		got := c.a.ticks()
		if len(got) != c.n || got[len(got)-1] > c.last+1e-9 || got[len(got)-1] < c.last-1e-9 {
			t.Errorf("%+v: %v", c.a, got)
		}
	}
	for _, most := range []float64{1, 30, 2400, 86400, 7 * 86400} {
		if n := len((axis{0, 1, 0, most}).times()); n < 2 || n > 10 {
			t.Errorf("%v seconds have %d ticks", most, n)
		}
	}
}

// The operating characteristics are drawn the same each time, and a proof of several
// worlds is refused, naming what there are several of.
func TestCharacteristic(t *testing.T) {
	grid := campaign.Grid{
		Modes: []engine.JudgeMode{engine.Threshold, engine.Sequential}, ErrorRates: []float64{0.02}, Factors: []float64{1, 4},
		PerTenant: []float64{0.1, 1}, Spreads: []float64{0}, Noises: []float64{0},
	}
	pictures := [2][]byte{}
	for i := range pictures {
		p, err := campaign.Prove(t.Context(), grid, campaign.Options{Runs: 4, Seed: 1, Workers: i + 1})
		if err != nil {
			t.Fatal(err)
		}
		if pictures[i], err = Characteristic(grid, p); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(pictures[0], pictures[1]) {
		t.Error("the same proof is drawn in two ways")
	}
	for _, want := range []string{"cap, 5 %", "requests/s of each tenant: 0.1", "sequential at 8 %: 100 % rolled back"} {
		if !bytes.Contains(pictures[0], []byte(want)) {
			t.Errorf("there is no %q in the picture", want)
		}
	}
	if err := xml.Unmarshal(pictures[0], new(struct{})); err != nil {
		t.Error(err)
	}
	grid.Spreads = []float64{0, 1}
	if err := Drawable(grid); err == nil || err.Error() != "a picture shows one of the spreads, and there are 2" {
		t.Errorf("a picture of two worlds: %v", err)
	}
}

// A report of an A/B test has its table, with what the judge made of each metric.
func TestComparison(t *testing.T) {
	r, err := scenario.Run(t.Context(), read(t, filepath.Join("..", "..", "..", "examples", "scenarios", "ab-better.yaml")), 1, scenario.Options{Record: true})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := comparison(r)
	if !ok || len(s.Table.Rows) < 5 {
		t.Fatalf("the table has %+v", s)
	}
	for _, row := range s.Table.Rows {
		if row[0] == "conversion rate" && (row[6] != "better (decides)" || row[5] != "0.002" || !strings.HasPrefix(row[3], "+")) {
			t.Errorf("the row of the conversion rate is %q", row)
		}
	}
}
