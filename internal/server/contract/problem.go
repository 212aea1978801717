package contract

import (
	"slices"

	fleet "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// The reasons beside those of a fleet's contract.
const (
	InvalidDeployment  fleet.Reason = "invalid-deployment"
	UnknownEnvironment fleet.Reason = "unknown-environment"
	AlreadyActive      fleet.Reason = "already-active"
	FleetChanged       fleet.Reason = "fleet-changed"
	KeyUsed            fleet.Reason = "key-used"
	StageDiffers       fleet.Reason = "stage-differs"
	WrongPhase         fleet.Reason = "wrong-phase"
	FleetUnavailable   fleet.Reason = "fleet-unavailable"
)

// Reasons lists all that the API answers with, by status: those of its own, those of a fleet's
// contract that mean something of the server here, and those that it shares.
func Reasons() []fleet.Row {
	own := []fleet.Row{
		{Reason: fleet.InvalidRequest, Status: 400, Means: "the request is not one of the API", Client: "stops: it has a fault"},
		{Reason: fleet.NotFound, Status: 404, Means: "there is no such path, or not what it names", Client: "stops"},
		{Reason: fleet.TooLarge, Status: 413, Means: "the body is larger than is taken", Client: "stops"},
		{Reason: fleet.Internal, Status: 500, Means: "the server has a fault; the request may have been carried out or not", Client: "looks, or sends it again with the same key"},
		{Reason: UnknownEnvironment, Status: 404, Means: "the server has no such environment", Client: "stops"},
		{Reason: AlreadyActive, Status: 409, Means: "every instance runs the version: there is nothing to roll out", Client: "is done"},
		{Reason: FleetChanged, Status: 409, Means: "the plan is not the one that was approved: `outline` is that of the one there would be now", Client: "plans again"},
		{Reason: KeyUsed, Status: 409, Means: "the idempotency key was used for another request: `rollout` was started with it", Client: "stops: it has a fault"},
		{Reason: StageDiffers, Status: 409, Means: "the rollout is at another stage than the signal is meant for: `is` says which", Client: "looks, and decides anew"},
		{Reason: WrongPhase, Status: 409, Means: "the phase does not allow the signal", Client: "looks, and decides anew"},
		{Reason: InvalidDeployment, Status: 422, Means: "no plan can be made of the deployment: `problems` has everything that is wrong", Client: "says so"},
		{Reason: FleetUnavailable, Status: 503, Means: "the fleet cannot be asked now", Client: "comes again"},
	}
	shared := []fleet.Reason{
		fleet.Unauthenticated, fleet.Forbidden, fleet.UnknownPlugin, fleet.UnknownRollout, fleet.UnfinishedRollout,
		fleet.RolloutTaken, fleet.OwnerDiffers, fleet.SnapshotExpired, fleet.UnsupportedMedia, fleet.Busy,
		fleet.NotSupported, fleet.Unavailable, fleet.TargetsMissing, fleet.TargetsDiffer,
	}
	for _, row := range fleet.Reasons() {
		if slices.Contains(shared, row.Reason) {
			own = append(own, row)
		}
	}
	slices.SortStableFunc(own, func(a, b fleet.Row) int { return a.Status - b.Status })
	return own
}

// StatusOf is the status that a reason comes with; 0: there is no such reason.
func StatusOf(r fleet.Reason) int {
	for _, row := range Reasons() {
		if row.Reason == r {
			return row.Status
		}
	}
	return 0
}
