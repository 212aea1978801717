package engine

import "github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"

// walkers is how many go round the cycles of an order at once: each waits for what lies far away,
// and the others meanwhile go on.
const walkers = 16

// cycler is on its way round a cycle, which others may be on as well.
type cycler struct {
	at, next int
	first    Tenant // what was where it set out
}

// arrange puts list in an order, in place: it goes round each cycle once. Of the order nothing is
// left.
func arrange(list []Tenant, order []keyed) {
	abreastRound(list, order)
	for i := range order {
		if order[i].at < 0 {
			continue
		}
		first, at := list[i], i
		for {
			next := int(order[at].at)
			order[at].at = -1
			if next == i {
				list[at] = first
				break
			}
			list[at], at = list[next], next
		}
	}
}

// abreastRound arranges the cycles that some places far from each other are on, each from its place
// to the next of these. What is done has a negative place in the order: -1, and where the k-th set
// out, until somebody comes there, -2-k.
func abreastRound(list []Tenant, order []keyed) {
	if len(order) < meanwhile.Few {
		var all [walkers]cycler
		walk(all[:], 0, setOut(all[:], list, order), list, order)
		return
	}
	all := make([]cycler, walkers)
	n := setOut(all, list, order)
	first := meanwhile.Do(func() bool { walk(all, 0, n/2, list, order); return true })
	walk(all, n/2, n, list, order)
	first()
}

// setOut puts cyclers where they set out, and says how many there are.
func setOut(all []cycler, list []Tenant, order []keyed) int {
	apart := len(order) / len(all)
	if apart == 0 {
		return 0
	}
	for k := range all {
		at := k * apart
		all[k] = cycler{at, int(order[at].at), list[at]}
		order[at].at = int32(-2 - k)
	}
	return len(all)
}

// walk has those of all cyclers from one on up to another go on until each comes to where one of all
// set out. No two of them come to the same place.
func walk(all []cycler, from, to int, list []Tenant, order []keyed) {
	var room [walkers]int
	way := room[:0] // those that are under way
	for k := from; k < to; k++ {
		way = append(way, k)
	}
	for len(way) > 0 {
		for i := 0; i < len(way); i++ {
			w := &all[way[i]]
			next := int(order[w.next].at)
			order[w.next].at = -1
			if next >= 0 {
				list[w.at], w.at, w.next = list[w.next], w.next, next
				continue
			}
			list[w.at] = all[-2-next].first
			way[i] = way[len(way)-1]
			way = way[:len(way)-1]
			i--
		}
	}
}
