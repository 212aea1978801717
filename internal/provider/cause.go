package provider

import (
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// What the provider says of the signals that it gives, for people.
const (
	reasonDecision  = "the decision in the configuration"
	reasonVersion   = "version was set back"
	reasonDestroy   = "the resource is destroyed"
	reasonInterrupt = "the apply was interrupted"
	reasonSilence   = "the apply before this one ended without a word"
	reasonTimeout   = "timeouts." // … "create of 40m passed"
)

// who signs the signals that the provider gives.
const who = "terraform"

// signs is a signal of the provider's own.
func signs(kind engine.EventKind, cause engine.Cause, reason string) engine.Signal {
	return engine.Signal{Kind: kind, By: who, Cause: cause, Reason: reason}
}

// causeOf is what led to a signal. The journals of earlier versions have it in the words
// of the reason alone.
func causeOf(e *engine.Event) engine.Cause {
	if e.Cause != "" {
		return e.Cause
	}
	for _, old := range []struct {
		prefix string
		byWhom string // "": anybody
		cause  engine.Cause
	}{
		{reasonDecision, "", engine.CauseDecision},
		{reasonVersion, who, engine.CauseVersion},
		{reasonDestroy, who, engine.CauseDestroy},
		{reasonInterrupt, who, engine.CauseInterrupt},
		{reasonSilence, who, engine.CauseSilence},
		{reasonTimeout, who, engine.CauseTimeout},
	} {
		if strings.HasPrefix(e.Error, old.prefix) && (old.byWhom == "" || e.By == old.byWhom) {
			return old.cause
		}
	}
	return ""
}

// lastCause is what led to the last signal of a kind; "" where there was none, or it was
// somebody's own.
func lastCause(ro *telling.Rollout, kind engine.EventKind) engine.Cause {
	for i := len(ro.Events) - 1; i >= 0; i-- {
		if e := &ro.Events[i]; e.Kind == kind {
			return causeOf(e)
		}
	}
	return ""
}

// pausedByTimeout says whether it was an apply that paused the rollout, for want of
// time, and not a person.
func pausedByTimeout(ro *telling.Rollout) bool {
	return lastCause(ro, engine.Paused) == engine.CauseTimeout
}

// askedBack says whether the configuration asked for the way back that ro is on: the
// user's own wish, and so no failure of the apply.
func askedBack(ro *telling.Rollout) bool {
	switch lastCause(ro, engine.Aborted) {
	case engine.CauseDecision, engine.CauseVersion:
		return true
	}
	return false
}

// ownDoing says whether the provider asked for a rollback by itself, and no person did.
func ownDoing(e *engine.Event) bool {
	switch causeOf(e) {
	case engine.CauseDestroy, engine.CauseInterrupt, engine.CauseTimeout:
		return true
	}
	return false
}
