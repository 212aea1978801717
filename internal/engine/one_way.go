package engine

import "fmt"

// A change of version that a fleet cannot take back is planned, shown and walked like any
// other, with two differences: what fails after it is held for a person, because the way
// back that a failure leads to by itself does not lead back; and whoever asks for the way
// back all the same gets it as far as it goes.

// NoWayBack says whether what the stage changes cannot be taken back, by the plan or by the
// fleet.
func (s *Stage) NoWayBack() bool { return s.Final || s.OneWay != "" }

// oneWay is what the head says of a change of version; nil: it can be taken back.
func (h *Head) oneWay(from, to string) *OneWay {
	if from == to {
		return nil
	}
	for i := range h.OneWay {
		if w := &h.OneWay[i]; w.From == from && w.To == to {
			return w
		}
	}
	return nil
}

// text says that there is no way back.
func (w *OneWay) text() string {
	where := ""
	if len(w.Where) > 0 {
		where = " on " + Names(w.Where)
	}
	return fmt.Sprintf("there is no update path from %s back to %s%s", w.To, w.From, where)
}

// checkWay refuses a version that instances cannot be brought to: the way there is the one
// that the fleet does not have.
func (c *compiler) checkWay(ps *Problems, path string, to func(PlanInstance) string) {
	said := map[[2]string]bool{}
	for _, i := range c.plan.Instances {
		v := to(i)
		w := c.fleet.oneWay(v, i.Default)
		if w == nil || said[[2]string{i.Default, v}] {
			continue
		}
		said[[2]string{i.Default, v}] = true
		ps.add(path, v, "cannot be had from %s: %s", i.Default, w.text())
	}
}

// markOneWay marks the stages that bring somebody to a version that there is no way back from.
func (c *compiler) markOneWay() {
	first, last, why := "", "", ""
	for i := range c.plan.Stages {
		s := &c.plan.Stages[i]
		if s.Final {
			continue
		}
		w := c.oneWayOf(s)
		if w == nil {
			continue
		}
		s.OneWay = w.text()
		if !s.Gate.IsZero() {
			s.Gate.OnFail, s.Gate.OnInconclusive = Hold, Hold
		}
		if last, why = s.Name, s.OneWay; first == "" {
			first = s.Name
		}
	}
	if first == "" {
		return
	}
	stages := "stage " + first
	if last != first {
		stages = fmt.Sprintf("stages %s to %s", first, last)
	}
	c.plan.Guards.OnTrip = Hold
	c.warnf("no way back", "final: %s; a rollback cannot undo %s: what fails there is held for a person, and is not rolled back by itself", why, stages)
}

// oneWayOf is what a stage changes that cannot be taken back; nil: nothing.
func (c *compiler) oneWayOf(s *Stage) *OneWay {
	for _, change := range s.Changes {
		in := change.Instances
		switch change.Kind {
		case Pin:
			in = c.all() // whose the tenants are, the fleet alone knows
		case Replace, Activate:
		default:
			continue
		}
		for _, i := range c.plan.Instances[in.From:in.To] {
			if w := c.fleet.oneWay(i.Default, change.Version); w != nil {
				return w
			}
		}
	}
	return nil
}
