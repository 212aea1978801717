package simulator

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
)

// shift is a change of routes under way.
type shift struct {
	To      []engine.Route `json:"to,omitempty"` // none: nothing is under way
	Epoch   int32          `json:"epoch,omitempty"`
	By      string         `json:"by,omitempty"`      // rollout of the last order
	Trouble string         `json:"trouble,omitempty"` // why the last one did not succeed
}

// shift routes traffic; it takes a moment, and a newer one takes its place.
func (w *World) shift(o engine.Order) error {
	routes := slices.Clone(o.Change.Routes)
	slices.SortFunc(routes, func(a, b engine.Route) int { return strings.Compare(a.Slot, b.Slot) })
	total := 0.0
	for _, r := range routes {
		if len(w.slot(r.Slot)) == 0 && r.Percent > 0 {
			return fmt.Errorf("there is no slot %q to route to", r.Slot)
		}
		total += r.Percent
	}
	if total < 99.999 || total > 100.001 {
		return fmt.Errorf("the routes sum to %v, not to 100", total)
	}
	if slices.Equal(w.Switch.To, routes) {
		return nil // under way
	}
	w.queue.Cancel(func(e kernel.Event) bool { return e.Handler == switchDone }) // of one that this one replaces
	w.Switch = shift{By: o.Rollout}
	if slices.Equal(w.Routes, routes) {
		return nil
	}
	w.Switch.To, w.Switch.Epoch = routes, w.begun()
	w.after(w.cfg.SwitchSeconds, switchDone, 0, w.Switch.Epoch)
	return nil
}

func (w *World) switchDone(e kernel.Event) {
	s := &w.Switch
	if s.Epoch != e.B || len(s.To) == 0 {
		return
	}
	routes := s.To
	s.To = nil
	if w.anyFault(HalfSwitch) {
		w.Routes, s.Trouble = halfWay(w.Routes, routes), "the router broke off half way"
		w.seat()
		w.dirty = true
		return
	}
	if w.anyFault(SwitchFails) {
		s.Trouble = "the router did not take the routes"
		return
	}
	w.Routes = routes
	w.seat()
	w.dirty = true
}

// percent is the share of the traffic that goes to a slot.
func (w *World) percent(slot string) float64 {
	for _, r := range w.Routes {
		if r.Slot == slot {
			return r.Percent
		}
	}
	return 0
}

// headed says whether a switch under way will send traffic to a slot.
func (w *World) headed(slot string) bool {
	return slices.ContainsFunc(w.Switch.To, func(r engine.Route) bool { return r.Slot == slot && r.Percent > 0 })
}

// halfWay are the routes that a switch which breaks off leaves behind.
func halfWay(from, to []engine.Route) []engine.Route {
	routes := append([]engine.Route(nil), to...)
	for i := range routes {
		was := 0.0
		for _, r := range from {
			if r.Slot == routes[i].Slot {
				was = r.Percent
			}
		}
		routes[i].Percent = math.Round(float64((was+routes[i].Percent)*500)) / 1000
	}
	return routes
}
