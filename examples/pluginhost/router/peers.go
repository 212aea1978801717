package router

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// peer is an instance at an address, as the router knows it.
type peer struct {
	id       string
	inFlight atomic.Int64
	// going is when the instance said that it takes no new requests, in Unix nanoseconds: what
	// is sent to it from then on is not begun there; 0: it did not.
	going atomic.Int64
}

// goes notes that the instance said it is going.
func (p *peer) goes() { p.going.CompareAndSwap(0, time.Now().UnixNano()) }

// wasGoing says whether the instance had said so before a time.
func (p *peer) wasGoing(at time.Time) bool {
	since := p.going.Load()
	return since != 0 && since <= at.UnixNano()
}

// peers are those of all instances that requests were sent to, by address.
type peers struct{ all sync.Map }

func (p *peers) at(in *wire.Routed) *peer {
	if known, ok := p.all.Load(in.Address); ok {
		return known.(*peer)
	}
	known, _ := p.all.LoadOrStore(in.Address, &peer{id: in.ID})
	return known.(*peer)
}

// inFlight counts requests by instance.
func (p *peers) inFlight() map[string]int64 {
	n := map[string]int64{}
	p.all.Range(func(_, known any) bool {
		n[known.(*peer).id] += known.(*peer).inFlight.Load()
		return true
	})
	return n
}

// keep forgets those that are at no address of a table and have no requests any more, and
// says which instances are not in it.
func (p *peers) keep(table []wire.Routed) (gone []string) {
	addresses, ids := map[string]bool{}, map[string]bool{}
	for _, in := range table {
		addresses[in.Address], ids[in.ID] = true, true
	}
	p.all.Range(func(address, known any) bool {
		if one := known.(*peer); !addresses[address.(string)] && one.inFlight.Load() == 0 {
			p.all.Delete(address)
			if !ids[one.id] {
				gone = append(gone, one.id)
			}
		}
		return true
	})
	return gone
}
