package server

import (
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

var rolloutPattern = regexp.MustCompile(`^[A-Za-z0-9._@-]{1,300}$`)

// rollout is the id in the path.
func (x *call) rollout() (string, error) {
	id := x.PathValue("rollout")
	if !rolloutPattern.MatchString(id) {
		return "", exchange.Refuse(contract.InvalidRequest, "%q is not the id of a rollout: 1..300 letters, digits, '.', '_', '-' or '@'", id)
	}
	return id, nil
}

// kept is the id of the path, of a fleet that keeps rollouts.
func (w *world) kept(x *call) (string, error) {
	if w.store == nil {
		return "", exchange.Refuse(contract.NotSupported, "the fleet keeps no rollouts")
	}
	return x.rollout()
}

// find is the rollout of the path, which there has to be.
func (w *world) find(x *call) (string, error) {
	id, err := w.kept(x)
	if err == nil {
		err = w.store.has(x.Context(), id)
	}
	return id, err
}

// beginRollout begins a rollout, once.
func (w *world) beginRollout(x *call) error {
	id, err := w.kept(x)
	if err != nil {
		return err
	}
	if x.Asked("If-None-Match") != "*" {
		return exchange.Refuse(contract.InvalidRequest, "If-None-Match is %q, and has to be *", x.Asked("If-None-Match"))
	}
	var body contract.Start
	if err := x.body(&body); err != nil {
		return err
	}
	if err := w.checkStart(id, &body); err != nil {
		return err
	}
	w.rollouts.Lock()
	defer w.rollouts.Unlock()
	ordinal, fresh, err := w.store.begin(x.Context(), id, &body)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
	}
	return x.Answer(status, contract.Started{At: x.At(), Ordinal: ordinal})
}

// checkStart finds what no rollout can begin with.
func (w *world) checkStart(id string, s *contract.Start) error {
	switch {
	case s.Plan == "":
		return exchange.Wrong("plan", "is missing")
	case !digestPattern.MatchString(s.Digest):
		return exchange.Wrong("digest", "%q is not 64 hex digits in lower case", s.Digest)
	case !digestPattern.MatchString(s.Targets):
		return exchange.Wrong("targets", "%q is not 64 hex digits in lower case", s.Targets)
	}
	if err := w.checkHead(id, &s.Head); err != nil {
		return err
	}
	if s.Deployment == nil {
		return nil
	}
	var asked struct{ PluginID, Environment string }
	if err := json.Unmarshal(s.Deployment, &asked); err != nil || asked.PluginID == "" || asked.Environment == "" {
		return exchange.Wrong("deployment", "is not an object with pluginId and environment")
	}
	return nil
}

// checkHead finds a head that is of another rollout.
func (w *world) checkHead(id string, h *contract.RolloutHead) error {
	switch {
	case h.Rollout != id:
		return exchange.Wrong("head.rollout", "%q is not %q, of the path", h.Rollout, id)
	case h.Environment != w.Environment || h.Plugin != w.Plugin:
		return exchange.Wrong("head", "%s in %s is not %s in %s, of the path", h.Plugin, h.Environment, w.Plugin, w.Environment)
	case h.Phase == "":
		return exchange.Wrong("head.phase", "is missing")
	default:
		return nil
	}
}

// getRollout gives a rollout back.
func (w *world) getRollout(x *call) error {
	id, err := w.kept(x)
	if err != nil {
		return err
	}
	r, err := w.store.get(x.Context(), id)
	if err != nil {
		return err
	}
	r.At, r.Lease = x.At(), w.leases.of(id)
	return x.Answer(http.StatusOK, r)
}

// listRollouts lists a page of the rollouts.
func (w *world) listRollouts(x *call) error {
	if w.store == nil {
		return exchange.Refuse(contract.NotSupported, "the fleet keeps no rollouts")
	}
	limit, err := x.limit()
	if err != nil {
		return err
	}
	below, err := x.Number("below", 1, 0)
	if err != nil {
		return err
	}
	filter := engine.Filter{Limit: limit + 1, Below: below, Outcome: engine.Outcome(x.URL.Query().Get("outcome"))}
	switch filter.Outcome {
	case "", engine.Succeeded, engine.RolledBack, engine.Retained, engine.Stuck:
	default:
		return exchange.Refuse(contract.InvalidRequest, "outcome is %q, and not how a rollout ends", filter.Outcome)
	}
	heads, err := w.store.list(x.Context(), filter)
	if err != nil {
		return err
	}
	answer := contract.RolloutPage{At: x.At(), Items: heads, More: len(heads) > limit}
	if answer.More {
		answer.Items = heads[:limit]
	}
	if heads == nil {
		answer.Items = []contract.RolloutHead{}
	}
	return x.Answer(http.StatusOK, answer)
}

// mostOwner is how many bytes an owner has at most.
const mostOwner = 300

// putOwner says whose a rollout is.
func (w *world) putOwner(x *call) error {
	id, err := w.find(x)
	if err != nil {
		return err
	}
	var body contract.Owner
	if err := x.body(&body); err != nil {
		return err
	}
	if n := max(len(body.Owner), len(body.Previous)); n > mostOwner {
		return exchange.Wrong("owner", "has %d bytes, and at most %d are taken", n, mostOwner)
	}
	w.rollouts.Lock()
	defer w.rollouts.Unlock()
	if err := w.store.own(x.Context(), id, &body); err != nil {
		return err
	}
	return x.Taken(http.StatusOK)
}

// otherOwner refuses to make a rollout another's whose owner is not who was said.
func otherOwner(is, said string) error {
	return exchange.Refuse(contract.OwnerDiffers, "the owner is %q, and was said to be %q", is, said)
}
