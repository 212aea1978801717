package walker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// TestAttendance tells others in time, past the next step, for an hour at most, and not more
// often than has to be.
func TestAttendance(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var told []time.Duration
	var refuse error
	a := walker.Attendance{Tell: func(_ context.Context, until time.Time) error {
		told = append(told, until.Sub(now))
		return refuse
	}}
	for i, step := range []struct {
		passes, wakes time.Duration
		refuse        error
		tells         time.Duration // 0: nothing
	}{
		{0, 10 * time.Second, nil, 70 * time.Second},
		{10 * time.Second, 10 * time.Second, nil, 0},
		{40 * time.Second, 10 * time.Second, nil, 70 * time.Second},
		{10 * time.Second, 10 * time.Minute, nil, 11 * time.Minute},
		{10 * time.Minute, 48 * time.Hour, nil, time.Hour},
		{time.Hour, 10 * time.Second, errors.New("nobody there"), 70 * time.Second},
		{time.Second, 10 * time.Second, nil, 70 * time.Second}, // as it did not get through
	} {
		now, told, refuse = now.Add(step.passes), nil, step.refuse
		err := a.Renew(t.Context(), now, now.Add(step.wakes))
		switch {
		case (err != nil) != (step.refuse != nil):
			t.Errorf("step %d: %v", i, err)
		case step.tells == 0 && len(told) > 0, step.tells > 0 && (len(told) != 1 || told[0] != step.tells):
			t.Errorf("step %d tells %v, and %v was expected", i, told, step.tells)
		}
	}
}
