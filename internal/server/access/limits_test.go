package access

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func often(t *testing.T, err error) *TooManyError {
	t.Helper()
	var e *TooManyError
	if !errors.As(err, &e) {
		t.Fatalf("%v instead of too many", err)
	}
	return e
}

func TestFailedAttempts(t *testing.T) {
	r := newRig(t, Settings{Limits: Limits{FailuresPerMinute: 3}})
	good, kept := r.add("ci", time.Time{}, everything...)
	fresh, _ := r.add("new", time.Time{}, everything...)
	name := "token ci (" + kept.ID + ")"
	r.known(bearing(good), name)
	for i := range 3 {
		r.refused(bearing(fmt.Sprint("guess", i)), "the token is not one of this server's")
	}
	_, err := r.Authenticate(bearing("guess"))
	if e := often(t, err); e.After != 20*time.Second || e.Error() != "too many attempts from this address have failed: come again in 20 s" {
		t.Errorf("%v %s", e, e.After)
	}
	r.known(bearing(good), name) // it was good before: whoever guesses keeps nobody else out
	_, err = r.Authenticate(bearing(fresh))
	often(t, err)
	elsewhere := bearing("guess")
	elsewhere.RemoteAddr = "192.0.2.7:1"
	r.refused(elsewhere, "the token is not one of this server's")
	r.pass(20 * time.Second)
	r.refused(bearing("guess"), "the token is not one of this server's")
	_, err = r.Authenticate(bearing("guess"))
	often(t, err)
	r.pass(20 * time.Second)
	if _, err := r.Authenticate(bearing(fresh)); err != nil {
		t.Error(err)
	}
}

func TestRequestsOfAnActor(t *testing.T) {
	r := newRig(t, Settings{Limits: Limits{RequestsPerSecond: 2}})
	one, kept := r.add("one", time.Time{}, everything...)
	two, keptToo := r.add("two", time.Time{}, everything...)
	for range 8 {
		r.known(bearing(one), "token one ("+kept.ID+")")
	}
	_, err := r.Authenticate(bearing(one))
	if e := often(t, err); e.After != 500*time.Millisecond || e.Seconds() != 1 {
		t.Errorf("%s", e.After)
	}
	r.known(bearing(two), "token two ("+keptToo.ID+")")
	r.pass(500 * time.Millisecond)
	r.known(bearing(one), "token one ("+kept.ID+")")
}

func TestMemoryIsBounded(t *testing.T) {
	l := newLimits(Limits{})
	for i := range 10 * mostRemembered {
		l.failed(fmt.Sprint(i), morning)
		l.good.first(fmt.Sprint(i))
	}
	if n := len(l.failures.young) + len(l.failures.old); n > 2*mostRemembered {
		t.Errorf("%d addresses are remembered", n)
	}
	if !l.good.has(fmt.Sprint(10*mostRemembered-1)) || l.good.has("0") {
		t.Error("the last ones are not those that are remembered")
	}
}

func TestAddresses(t *testing.T) {
	l := newLimits(Limits{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}})
	for _, c := range []struct {
		from      string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:4711", nil, "192.0.2.1"},
		{"[::ffff:192.0.2.1]:4711", nil, "192.0.2.1"},
		{"[2001:db8::1:2:3:4]:4711", nil, "2001:db8::/64"},
		{"[fe80::1%eth0]:1", nil, "fe80::/64"},
		{"@", nil, "@"},
		{"192.0.2.1:4711", []string{"198.51.100.1"}, "192.0.2.1"}, // nobody trusts it
		{"10.1.1.1:4711", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.1.1.1:4711", []string{"203.0.113.9, 198.51.100.1", "10.2.2.2"}, "198.51.100.1"}, // the first one is made up
		{"[fd00::1]:1", []string{"2001:db8::1"}, "2001:db8::/64"},
		{"10.1.1.1:4711", []string{"198.51.100.1, nonsense"}, "10.1.1.1"},
		{"10.1.1.1:4711", nil, "10.1.1.1"},
		{"10.1.1.1:4711", []string{"10.3.3.3"}, "10.3.3.3"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = c.from
		r.Header["X-Forwarded-For"] = c.forwarded
		if got := l.from(r); got != c.want {
			t.Errorf("%s for %q is %s instead of %s", c.from, c.forwarded, got, c.want)
		}
	}
}
