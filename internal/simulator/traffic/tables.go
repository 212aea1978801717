package traffic

import (
	"sync"
	"sync/atomic"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// tables draw the counts of the tenants of each cell, for some weights and a unit.
type tables []atomic.Pointer[chance.Table]

// table is the one of a cell, with a mean that is always the same.
func (ts tables) table(cell int, mean float64) *chance.Table {
	t := ts[cell].Load()
	if t == nil {
		t = sharedTable(mean)
		ts[cell].Store(t)
	}
	return t
}

// shared are tables, which a campaign's runs have in common. They are forgotten, all at
// once, when they are too many.
var shared struct {
	sync.RWMutex
	byMean map[float64]*chance.Table
	byLaw  map[lawKey]tables
	size   int // numbers in them
}

// lawKey is the weights of a hand, and a unit.
type lawKey struct {
	law  uint64
	unit float64
}

// maxShared is how many numbers tables have that are remembered: 32 MB.
const maxShared = 1 << 22

// tablesOf finds or makes the tables of a law for so many cells, and a unit.
func tablesOf(law uint64, unit float64, cells int) tables {
	key := lawKey{law, unit}
	shared.RLock()
	ts := shared.byLaw[key]
	shared.RUnlock()
	if ts != nil {
		return ts
	}
	shared.Lock()
	defer shared.Unlock()
	if ts = shared.byLaw[key]; ts == nil {
		ts = make(tables, cells)
		share(cells)
		shared.byLaw[key] = ts
	}
	return ts
}

// sharedTable is chance.PoissonTable, remembered.
func sharedTable(mean float64) *chance.Table {
	shared.RLock()
	t := shared.byMean[mean]
	shared.RUnlock()
	if t != nil {
		return t
	}
	t = chance.PoissonTable(mean)
	shared.Lock()
	defer shared.Unlock()
	share(t.Len())
	shared.byMean[mean] = t
	return t
}

// share makes room for so many numbers more.
func share(size int) {
	if shared.size += size; shared.byMean == nil || shared.size > maxShared {
		shared.byMean, shared.byLaw, shared.size = map[float64]*chance.Table{}, map[lawKey]tables{}, size
	}
}
