package simulator

import (
	"encoding/json"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// faultKeys name the streams of faults by what the faults say, and not by their place in
// the list: a fault more, or in another place, shifts nobody else's luck. Faults that say
// the same are told apart by how many there are before them.
func faultKeys(faults []Fault) []uint64 {
	keys, before := make([]uint64, len(faults)), map[string]uint64{}
	for i := range faults {
		text, err := json.Marshal(&faults[i])
		if err != nil {
			panic("simulator: a fault cannot be written: " + err.Error()) // no number of a valid one is not finite
		}
		keys[i] = chance.Mix(chance.Key(string(text)) + before[string(text)])
		before[string(text)]++
	}
	return keys
}

// faultKey names the streams of fault i.
func (w *World) faultKey(i int) uint64 { return w.able.faultKeys[i] }
