package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// randomRuns is how often a cell that is drawn is played, where nobody says.
const randomRuns = 4000

// first is the number of the first cell that is drawn.
func (f *proveFlags) first() (int, error) {
	if f.cells.cell == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(f.cells.cell)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("--cell: %q is not the number of a cell, as --random wants", f.cells.cell)
	}
	return n, nil
}

// checkCells says what is wrong with the cells that are asked for.
func (f *proveFlags) checkCells() error {
	named := f.hard || f.benchmark != ""
	f.cells.untested = f.benchmark != ""
	wrong := []error{f.cells.check(named, f.onlyGood), f.checkRandom()}
	if !f.drawn && !named && (f.cells.cell != "" || len(f.cells.strategies) > 0) {
		wrong = append(wrong, errors.New("--cell, --strategy: go with --hard, --random or --benchmark"))
	}
	if f.write != "" && (f.cells.cell == "" || f.random > 1) {
		wrong = append(wrong, errors.New("--write: needs --cell, and one cell"))
	}
	for _, x := range []struct {
		flag string
		said bool
	}{
		{"benchmark", f.benchmark != ""},
		{"picture", f.picture != ""},
		{"json, --junit, --markdown", f.json+f.junit+f.markdown != ""},
		{"strict", f.strict},
	} {
		if f.write != "" && x.said {
			wrong = append(wrong, fmt.Errorf("--write: plays nothing, and does not go with --%s", x.flag))
		}
	}
	return errors.Join(wrong...)
}

// checkRandom says what is wrong with cells that are drawn.
func (f *proveFlags) checkRandom() error {
	var wrong []error
	if f.drawn && (f.random < 1 || f.random > campaign.MostLots) {
		wrong = append(wrong, fmt.Errorf("--random: %d is not in 1..%d", f.random, campaign.MostLots))
	}
	if !f.drawn {
		return errors.Join(wrong...)
	}
	for _, x := range []struct {
		flag string
		said bool
	}{
		{"hard", f.hard},
		{"benchmark", f.benchmark != ""},
		{"picture", f.picture != ""},
		{"good", f.onlyGood},
		{"sequential", f.sequential},
		{"scraped", f.scraped},
		{"error-rates, --per-tenant, --factors, --spreads, --noises", f.axes()},
	} {
		if x.said {
			wrong = append(wrong, fmt.Errorf("--random: draws its cells, and does not go with --%s", x.flag))
		}
	}
	_, err := f.first()
	return errors.Join(append(wrong, err)...)
}

// writeCell writes the one cell that is asked for as a scenario.
func (f *proveFlags) writeCell(c *console) error {
	var x campaign.Case
	if f.random > 0 {
		first, err := f.first()
		if err != nil {
			return err
		}
		x = campaign.Draw(f.seed, first, f.cells.among())
	} else {
		x = f.cells.hard(false)[0]
	}
	if f.write == "-" { // nothing else is printed, so that it is there for the quiet too
		_, err := c.out.Write(x.Scenario().Encode())
		return err
	}
	if err := writeFile(f.write, x.Scenario().Encode()); err != nil {
		return err
	}
	c.print("%s is in %s, and hotswap simulate %s plays it.\n", x.Name, engine.Visible(f.write), shellWord(f.write))
	return nil
}

// playRandom plays cells that are drawn.
func (f *proveFlags) playRandom(ctx context.Context, c *console) error {
	first, err := f.first()
	if err != nil {
		return err
	}
	p := c.progress("cells")
	opt := campaign.RandomOptions{Options: f.options(p.at), Cells: f.random, First: first, Strategies: f.cells.among()}
	if opt.Runs == 0 {
		opt.Runs = randomRuns
	}
	l, err := campaign.PlayLottery(ctx, opt)
	p.stop()
	if l == nil {
		return err
	}
	return c.proved(&f.outputs, proof{l, "hotswap prove --random", l.Markdown(), l.Checks(), l.Holds(), f.strict, l.Interrupted, err})
}
