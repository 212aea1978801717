package connect

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestNotPublic(t *testing.T) {
	for _, private := range []string{
		"127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255",
		"0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1", "192.0.0.192", "198.18.0.1", "168.63.129.16",
		"::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1",
		"64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::", "fe80::1%eth0",
	} {
		if notPublic(netip.MustParseAddr(private)) == "" {
			t.Errorf("%s is taken for a public address", private)
		}
	}
	for _, public := range []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "2001:4860:4860::8888"} {
		if what := notPublic(netip.MustParseAddr(public)); what != "" {
			t.Errorf("%s is not taken for a public address: %s", public, what)
		}
	}
}

func TestOnlyPublicAddressesAreReached(t *testing.T) {
	reached := false
	s := serve(t, func(http.ResponseWriter, *http.Request) { reached = true })
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "2130706433", "0x7f.1"} {
		address := "http://" + host + s.URL[strings.LastIndex(s.URL, ":"):]
		c := reach(t, address, func(s *Settings) { s.PublicOnly, s.AllowHTTP = true, true })
		var f *Fault
		err := fails(c, request(t, http.MethodPost, c.URL()))
		if !errors.As(err, &f) || f.Sent || f.Kind != Private && f.Kind != NoSuchHost {
			t.Errorf("%s: %v", host, err)
		}
		if host == "localhost" && (f.Kind != Private || !strings.Contains(err.Error(), "which is this machine's, and only public addresses are allowed")) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if reached {
		t.Error("it was reached")
	}
}
