package simulator

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// everybody is how many tenants there are, those that are away among them.
func (c *Config) everybody() int {
	t := c.traffic(0)
	return t.Everybody()
}

// tenantsTurn lets tenants come and go. Whoever comes has no pin.
func (w *World) tenantsTurn(kernel.Event) {
	roster := w.traffic.Roster()
	for t := range w.Pins {
		if !roster.Here(t, w.Time) {
			w.Pins[t] = 0
		}
	}
	w.dirty = true
	w.scheduleChurn()
}

func (w *World) scheduleChurn() {
	if w.cfg.TenantChurn > 0 {
		w.queue.Push(kernel.Event{At: w.Time/traffic.ChurnStep*traffic.ChurnStep + traffic.ChurnStep, Handler: tenantsTurn})
	}
}
