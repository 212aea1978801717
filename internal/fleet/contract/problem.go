package contract

import "time"

// Reason says what kind of problem it is. Clients decide by it, and not by the status.
type Reason string

// The reasons.
const (
	InvalidRequest    Reason = "invalid-request"
	Unauthenticated   Reason = "unauthenticated"
	Forbidden         Reason = "forbidden"
	NotFound          Reason = "not-found"
	UnknownPlugin     Reason = "unknown-plugin"
	UnknownRollout    Reason = "unknown-rollout"
	UnfinishedRollout Reason = "unfinished-rollout"
	RolloutTaken      Reason = "rollout-taken"
	Superseded        Reason = "superseded"
	OrderDiffers      Reason = "order-differs"
	TargetsMissing    Reason = "targets-missing"
	TargetsDiffer     Reason = "targets-differ"
	Leased            Reason = "leased"
	OwnerDiffers      Reason = "owner-differs"
	SnapshotExpired   Reason = "snapshot-expired"
	SequenceConflict  Reason = "sequence-conflict"
	TooLarge          Reason = "too-large"
	UnsupportedMedia  Reason = "unsupported-media-type"
	Refused           Reason = "refused"
	Busy              Reason = "busy"
	Unavailable       Reason = "unavailable"
	Internal          Reason = "internal"
	NotSupported      Reason = "not-supported"
)

// Row is what the contract says about a reason.
type Row struct {
	Reason Reason
	Status int
	Means  string
	Client string // what a client does
}

// Reasons lists all of them, by status.
func Reasons() []Row {
	return []Row{
		{InvalidRequest, 400, "the request is not one of the contract", "stops: one of the two has a fault"},
		{Unauthenticated, 401, "there is no token, or it is not valid (any more)", "reads the token anew and tries again as long as the rollout has time for errors"},
		{Forbidden, 403, "the token is valid, and not for this", "the same"},
		{NotFound, 404, "there is no such path", "stops: it is not the API of a fleet"},
		{UnknownPlugin, 404, "the fleet has no such environment, or no such plugin in it", "stops"},
		{UnknownRollout, 404, "there is no such rollout", "goes on as if it had never begun"},
		{UnfinishedRollout, 409, "another rollout of the plugin has not ended, or is stuck: `unfinished` names it", "says so, and does not begin"},
		{RolloutTaken, 409, "another rollout has this id", "makes a new plan under another id"},
		{Superseded, 409, "a newer order was seen", "stops: somebody else walks the rollout"},
		{OrderDiffers, 409, "there was another order with this number", "stops: somebody else walks the rollout"},
		{TargetsMissing, 409, "the list of targets that is referred to is not there", "uploads it and asks again"},
		{Leased, 409, "somebody else holds the lease: `lease` says who and until when", "waits"},
		{OwnerDiffers, 409, "the owner is another one than was said", "reads the rollout again"},
		{SnapshotExpired, 410, "the list that the cursor is from is not kept any more", "begins the list again"},
		{SequenceConflict, 412, "the next event has another number", "reads the events: what was written may be its own"},
		{TooLarge, 413, "the body is larger than `limits` allows", "stops"},
		{UnsupportedMedia, 415, "the body is of a type or an encoding that is not taken", "stops"},
		{TargetsDiffer, 422, "the digest is not that of the list", "uploads it again, once"},
		{Refused, 422, "this order will never be carried out: `detail` says why", "rolls back"},
		{Busy, 429, "too many requests", "comes again after `Retry-After`"},
		{Internal, 500, "the fleet has a fault; the request may have been carried out or not", "tries again as long as the rollout has time for errors"},
		{NotSupported, 501, "the fleet does not do this, as its capabilities say", "does without, or stops"},
		{Unavailable, 503, "not now, and nothing of it was done", "comes again after `Retry-After`"},
	}
}

// StatusOf is the status that a reason comes with; 0: there is no such reason.
func StatusOf(r Reason) int {
	for _, row := range Reasons() {
		if row.Reason == r {
			return row.Status
		}
	}
	return 0
}

// Problem is what every answer that is no success has, as RFC 9457 defines it, with a
// reason.
type Problem struct {
	Type       string      `json:"type,omitempty"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Reason     Reason      `json:"reason"`
	Detail     string      `json:"detail,omitempty"`
	At         time.Time   `json:"at,omitzero"`
	Unfinished *Unfinished `json:"unfinished,omitempty"` // unfinished-rollout
	Lease      *Lease      `json:"lease,omitempty"`      // leased
}

// Error is the reason and the detail.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return string(p.Reason)
	}
	return string(p.Reason) + ": " + p.Detail
}

// Unfinished is the rollout in the way of another one.
type Unfinished struct {
	Rollout   string    `json:"rollout"`
	Candidate string    `json:"candidate"`
	Phase     string    `json:"phase"`
	Stage     string    `json:"stage"`
	Since     time.Time `json:"since,omitzero"`
}
