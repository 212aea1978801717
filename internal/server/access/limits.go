package access

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// mostRemembered is how many addresses, actors and credentials are remembered, half of them
// for sure.
const mostRemembered = 8192

// burstSeconds is how many seconds' worth of requests an actor has at once.
const burstSeconds = 4

// limits are how often somebody may ask.
type limits struct {
	perMinute, perSecond int
	trusted              []netip.Prefix
	failures             *recent[*rate.Limiter] // by address
	requests             *recent[*rate.Limiter] // by actor
	// good are hashes of credentials that were good before: they go on to be taken from an
	// address from which somebody else tries in vain.
	good *recent[struct{}]
}

func newLimits(l Limits) *limits {
	return &limits{
		perMinute: cmp.Or(l.FailuresPerMinute, UsualFailuresPerMinute), perSecond: cmp.Or(l.RequestsPerSecond, UsualRequestsPerSecond),
		trusted: l.TrustedProxies, failures: newRecent[*rate.Limiter](mostRemembered), requests: newRecent[*rate.Limiter](mostRemembered),
		good: newRecent[struct{}](mostRemembered),
	}
}

// failing are the failures that an address has left.
func (l *limits) failing(from string) *rate.Limiter {
	return l.failures.get(from, func() *rate.Limiter { return rate.NewLimiter(rate.Limit(l.perMinute)/60, l.perMinute) })
}

// mayTry says whether an address may try credentials whose hash is key.
func (l *limits) mayTry(from, key string, now time.Time) error {
	if l.good.has(key) {
		return nil
	}
	has := l.failing(from).TokensAt(now)
	if has >= 1 {
		return nil
	}
	wait := (1 - has) * 60 / float64(l.perMinute)
	return &TooManyError{Reason: "too many attempts from this address have failed", After: time.Duration(wait * float64(time.Second))}
}

// failed notes that an attempt of an address failed.
func (l *limits) failed(from string, now time.Time) { l.failing(from).AllowN(now, 1) }

// mayAsk says whether an actor may ask once more.
func (l *limits) mayAsk(actor string, now time.Time) error {
	own := l.requests.get(actor, func() *rate.Limiter { return rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond*burstSeconds) })
	asked := own.ReserveN(now, 1)
	wait := asked.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	asked.CancelAt(now)
	return &TooManyError{Reason: "too many requests", After: wait}
}

// from is the address that a request comes from, as far as it is one client's: of IPv6 the
// first 64 bits, of which everybody has a whole network below.
func (l *limits) from(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return host // no address of a network: a socket in a file has none
	}
	if l.trusts(at) {
		at = l.forwarded(r, at)
	}
	at = at.Unmap().WithZone("")
	if at.Is6() {
		if net, err := at.Prefix(64); err == nil {
			return net.Masked().String()
		}
	}
	return at.String()
}

func (l *limits) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(at.Unmap().WithZone("")) })
}

// forwarded is for whom a trusted proxy asks: the last one in X-Forwarded-For that is no
// trusted proxy. What stands before it, whoever asks may have made up.
func (l *limits) forwarded(r *http.Request, proxy netip.Addr) netip.Addr {
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, one := range slices.Backward(said) {
		at, err := netip.ParseAddr(strings.TrimSpace(one))
		if err != nil {
			return proxy
		}
		if proxy = at; !l.trusts(at) {
			break
		}
	}
	return proxy
}
