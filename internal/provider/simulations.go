package provider

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// simulations are the campaigns of a provider. What is asked twice is played once: the
// same question has the same answer, and forty resources behind one policy ask it forty
// times. Those that are under way at once share one limit of memory.
type simulations struct {
	room *campaign.Room

	mu    sync.Mutex
	asked map[[sha256.Size]byte]*simulation
	count int // of those that were played
}

// simulation is a campaign that was begun.
type simulation struct {
	done    chan struct{}
	figures *campaign.Figures
	err     error
}

// roomForSimulations is how much memory all simulations of a plan may take at once.
const roomForSimulations = 2 << 30

// mostAnswers is how many answers are remembered.
const mostAnswers = 1000

func newSimulations() *simulations {
	return &simulations{room: campaign.NewRoom(roomForSimulations), asked: map[[sha256.Size]byte]*simulation{}}
}

// play plays s, unless that was done, or is being done, already. Where whoever plays it
// is interrupted, somebody else who waits for it begins anew.
func (p *simulations) play(ctx context.Context, s *scenario.Scenario, opt campaign.Options) (*campaign.Figures, error) {
	question := sha256.Sum256(fmt.Appendf(s.Encode(), "\n%q %d %d", s.Name, opt.Runs, opt.Seed))
	for {
		x, mine := p.take(question)
		if mine {
			opt.Room = p.room
			if x.figures, x.err = campaign.Run(ctx, s, opt); x.err == nil {
				x.figures.Slim()
			} else {
				p.forget(question)
			}
			close(x.done)
			return x.figures, x.err
		}
		select {
		case <-x.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if x.err == nil {
			return x.figures, nil
		}
	}
}

// take is the simulation of a question, and whether it is to be played now.
func (p *simulations) take(question [sha256.Size]byte) (x *simulation, mine bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if x, ok := p.asked[question]; ok {
		return x, false
	}
	if len(p.asked) >= mostAnswers {
		clear(p.asked) // who waits for one holds it
	}
	x = &simulation{done: make(chan struct{})}
	p.asked[question] = x
	p.count++
	return x, true
}

func (p *simulations) forget(question [sha256.Size]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.asked, question)
}
