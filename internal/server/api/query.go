package api

import (
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// phases and outcomes are all that a rollout can be in, and can end with.
var (
	phases = []engine.Phase{
		engine.PhaseProgressing, engine.PhaseHeld, engine.PhasePaused, engine.PhaseRollingBack, engine.PhaseSucceeded, engine.PhaseRolledBack, engine.PhaseRetained,
		engine.PhaseStuck,
	}
	outcomes = []engine.Outcome{engine.Succeeded, engine.RolledBack, engine.Retained, engine.Stuck}
)

// among are the values of a parameter, each of which is one of a closed list.
func among[T ~string](x *call, name string, all []T) (chosen []T, err error) {
	for _, text := range x.URL.Query()[name] {
		if !slices.Contains(all, T(text)) {
			return nil, exchange.Refuse(fleetcontract.InvalidRequest, "%s is %q, and not one of %v", name, engine.Shortened(text), all)
		}
		chosen = append(chosen, T(text))
	}
	return chosen, nil
}

// flag is a parameter that is true or false; false, where it is not there.
func (x *call) flag(name string) (bool, error) {
	switch text := x.URL.Query().Get(name); strings.ToLower(text) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	default:
		return false, exchange.Refuse(fleetcontract.InvalidRequest, "%s is %q, and neither true nor false", name, engine.Shortened(text))
	}
}
