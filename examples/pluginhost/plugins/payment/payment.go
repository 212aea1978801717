// Package payment is the plugin's own work, whatever it is built to: it prices payments,
// takes the time that its version takes, and misbehaves as it is told to.
package payment

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
)

// The price of a payment: 1.4 % and 25 cents, of at most 10,000.00.
const (
	feePerMille = 14
	feeFixed    = 25
	most        = 1_000_000
)

// spread is the standard deviation of the logarithm of what requests take: the slowest of
// a hundred takes twice the median.
const spread = 0.3

// Payment is the plugin. Its zero value behaves well and takes no time.
type Payment struct {
	mu         sync.Mutex
	chance     *rand.Rand
	behaviours plugin.Behaviours
	leaked     [][]byte
}

// New is a plugin whose chances follow from a seed.
func New(seed uint64) *Payment {
	return &Payment{chance: rand.New(rand.NewPCG(seed, 0x7061796d656e74))}
}

// Configure replaces how it behaves.
func (p *Payment) Configure(b plugin.Behaviours) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.behaviours = b
}

// draws are what chance decides of a request.
type draws struct{ panics, fails, converts, noise float64 }

// Serve serves a request, but for the time that it takes, which is to be waited for.
// An error is a *plugin.Error. It panics where it is told to.
func (p *Payment) Serve(r plugin.Request) (plugin.Response, time.Duration, error) {
	b, d := p.prepare(r)
	wait := time.Duration(b.LatencyMS * math.Exp(spread*d.noise) * float64(time.Millisecond))
	if d.panics < b.PanicRate {
		panic(fmt.Sprintf("payment of %d for %s: ledger is nil", r.Amount, r.Tenant))
	}
	if d.fails < b.ErrorRate {
		return plugin.Response{}, wait, &plugin.Error{Text: fmt.Sprintf("payment of %d for %s: the bank did not answer", r.Amount, r.Tenant)}
	}
	fee, declined := Price(r.Amount)
	if declined != "" {
		return plugin.Response{Text: "declined: " + declined}, wait, nil
	}
	text := fmt.Sprintf("paid %d.%02d, fee %d.%02d", r.Amount/100, r.Amount%100, fee/100, fee%100)
	return plugin.Response{Text: text, Converted: d.converts < b.ConversionRate}, wait, nil
}

// prepare takes what one request after the other has to take.
func (p *Payment) prepare(r plugin.Request) (plugin.Behaviour, draws) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.behaviours.To(r.Tenant)
	if b.LeakBytes > 0 {
		p.leaked = append(p.leaked, leak(b.LeakBytes))
	}
	return b, draws{p.chance.Float64(), p.chance.Float64(), p.chance.Float64(), p.chance.NormFloat64()}
}

// leak is memory that is there in truth: what is never written to costs nothing.
func leak(n int64) []byte {
	kept := make([]byte, n)
	for i := 0; i < len(kept); i += 1024 {
		kept[i] = 1
	}
	return kept
}

// Price is the fee of a payment in cents, rounded half up, or why it is declined.
func Price(cents int64) (fee int64, declined string) {
	switch {
	case cents <= 0:
		return 0, fmt.Sprintf("%d cents are no amount", cents)
	case cents > most:
		return 0, fmt.Sprintf("%d cents are more than %d", cents, most)
	}
	return (cents*feePerMille+500)/1000 + feeFixed, ""
}
