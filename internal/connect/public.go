package connect

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// privateError refuses to connect to an address that is not public.
type privateError struct {
	address netip.Addr
	what    string
}

// Error names the address, which is seldom the one that was configured.
func (e *privateError) Error() string {
	return fmt.Sprintf("it is at %s, %s, and only public addresses are allowed", e.address, e.what)
}

// connecting is how long a connection may take; that of a whole request is a setting.
const connecting = 30 * time.Second

// publicOnly connects to public addresses. It looks at the address after the name was
// resolved, since a name may lead anywhere, and each time elsewhere.
func publicOnly(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: connecting, Control: func(_, resolved string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return err
		}
		if what := notPublic(at.Addr()); what != "" {
			return &privateError{at.Addr().Unmap(), what}
		}
		return nil
	}}
	return d.DialContext(ctx, network, address)
}

// special are blocks that are not public, and what they are.
var special = []struct {
	block netip.Prefix
	what  string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network's"},
	{netip.MustParsePrefix("100.64.0.0/10"), "a provider's own"},
	{netip.MustParsePrefix("168.63.129.16/32"), "a cloud's own"},
	{netip.MustParsePrefix("192.0.0.0/24"), "a protocol's"},
	{netip.MustParsePrefix("192.0.2.0/24"), "one for examples"},
	{netip.MustParsePrefix("198.18.0.0/15"), "one for measurements"},
	{netip.MustParsePrefix("198.51.100.0/24"), "one for examples"},
	{netip.MustParsePrefix("203.0.113.0/24"), "one for examples"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved one"},
	{netip.MustParsePrefix("::/96"), "one that means another"},
	{netip.MustParsePrefix("64:ff9b::/96"), "one that means another"}, // NAT64
	{netip.MustParsePrefix("64:ff9b:1::/48"), "one that means another"},
	{netip.MustParsePrefix("100::/64"), "one that nobody has"},
	{netip.MustParsePrefix("2001::/32"), "one that means another"}, // Teredo
	{netip.MustParsePrefix("2001:db8::/32"), "one for examples"},
	{netip.MustParsePrefix("2002::/16"), "one that means another"}, // 6to4
	{netip.MustParsePrefix("fec0::/10"), "a private one"},
}

// notPublic says what an address is that is not public; "": it is. One of IPv4 in the form
// of IPv6 is what it means.
func notPublic(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	switch {
	case a.IsLoopback():
		return "which is this machine's"
	case a.IsPrivate():
		return "which is a private one"
	case a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast():
		return "which is a link's own, as those of clouds' metadata are"
	case a.IsMulticast():
		return "which is a group's"
	case a.IsUnspecified():
		return "which is none in particular"
	}
	for _, s := range special {
		if s.block.Contains(a) {
			return "which is " + s.what
		}
	}
	return ""
}
