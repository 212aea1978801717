package engine

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
	apart := len(order) / walkers
	if apart == 0 {
		return
	}
	var all [walkers]cycler
	var under [walkers]int // way
	for k := range all {
		at := k * apart
		all[k], under[k] = cycler{at, int(order[at].at), list[at]}, k
		order[at].at = int32(-2 - k)
	}
	for way := under[:]; len(way) > 0; {
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
