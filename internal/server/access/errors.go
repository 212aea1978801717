package access

import (
	"fmt"
	"math"
	"time"
)

// UnauthenticatedError says why nobody knows who comes. It has nothing of the credentials.
type UnauthenticatedError struct{ Reason string }

func (e *UnauthenticatedError) Error() string { return e.Reason }

// TooManyError says that somebody asks too often.
type TooManyError struct {
	Reason string
	After  time.Duration // when to come again
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("%s: come again in %d s", e.Reason, e.Seconds())
}

// Seconds is After in whole seconds, at least one, as Retry-After has it.
func (e *TooManyError) Seconds() int { return max(1, int(math.Ceil(e.After.Seconds()))) }

// UnavailableError says that who comes cannot be found out now: the store or an issuer of
// identity tokens is away.
type UnavailableError struct {
	What string // for whoever asks, who may be anybody
	Err  error  // for the log: it may name files and hosts
}

func (e *UnavailableError) Error() string { return e.What + ": " + e.Err.Error() }

func (e *UnavailableError) Unwrap() error { return e.Err }

// unknown is an UnauthenticatedError.
func unknown(format string, args ...any) error {
	return &UnauthenticatedError{fmt.Sprintf(format, args...)}
}
