package notify

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
)

// failure is an attempt that failed. Its text has no address, header or body in it: each of
// them may be secret, and it is written down and shown.
type failure struct {
	text  string
	after time.Duration // when the receiver wants to be asked again, at the soonest
	gone  bool          // it wants nothing any more
	over  bool          // trying again would not help
	code  string        // what Slack calls it; "": it was not Slack
}

// Error is what is written down of it.
func (f *failure) Error() string { return f.text }

// unreached is the failure of a request without an answer.
func unreached(err error) *failure {
	var fault *connect.Fault
	if !errors.As(err, &fault) {
		return &failure{text: err.Error()}
	}
	text := fault.Came
	if fault.Do != "" {
		text += ". " + fault.Do
	}
	return &failure{text: text}
}

// answered is the failure that a status is; nil: it is none.
func answered(resp *http.Response, now time.Time) *failure {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	f := &failure{text: strings.TrimSpace(fmt.Sprintf("it answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))), after: retryAfter(resp.Header.Get("Retry-After"), now)}
	switch {
	case resp.StatusCode == http.StatusGone:
		f.gone = true
		f.text += ", that it wants nothing any more: nothing is sent to it until the server is restarted"
	case resp.StatusCode/100 == 3:
		f.text += ", and redirects are not followed"
	}
	return f
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if n, err := strconv.ParseInt(header, 10, 32); err == nil {
		return time.Duration(max(0, n)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
