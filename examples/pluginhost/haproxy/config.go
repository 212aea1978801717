package haproxy

import (
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// head is the configuration before the backends. A request whose instance refused the
// connection, or answered 503 (nothing was done there), is sent to another one; one that was
// lost is not.
const head = `# Written by pluginhost manager. What is changed here is lost: it is written anew.
global
  stats socket %[1]s mode 600 level admin
  maxconn 4000
  nbthread 1
  hard-stop-after 15s

defaults
  mode http
  option redispatch 1
  retries 3
  retry-on conn-failure 503
  timeout connect 1s
  timeout client 60s
  timeout server 30s
  timeout queue 5s
  timeout http-request 10s
  timeout http-keep-alive 60s

frontend requests
  bind %[2]s
  http-request return status 400 content-type text/plain string "the header %[4]s is missing" unless { req.hdr(%[4]s) -m found }
  http-request del-header %[5]s
  http-request set-var(txn.pin) req.hdr(%[4]s),map_str(%[6]s/pins.map)
  http-request set-var(txn.backend) var(txn.pin),field(1,:)
  http-request set-var(txn.version) var(txn.pin),field(2,:)
`

const tail = `  use_backend %%[req.hdr(%[1]s),xxh32,mod(%[2]d),map_str(%[3]s/slots.map,slot1)]

frontend metrics
  bind %[4]s
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 404
`

// config is the configuration, with the servers as they are now.
func (p *Proxy) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, head, p.Socket(), p.Listen, p.Metrics, wire.Tenant, wire.Version, p.Dir)
	for n := range Versions {
		v := versionBackend(n + 1)
		fmt.Fprintf(&b, "  use_backend %s if { var(txn.backend) -m str %s } { nbsrv(%s) gt 0 }\n", v, v, v)
	}
	fmt.Fprintf(&b, tail, wire.Tenant, Shares, p.Dir, p.Metrics)
	last := ""
	for _, s := range p.now.servers() {
		if s.backend != last {
			last = s.backend
			fmt.Fprintf(&b, "\nbackend %s\n  balance hdr(%s)\n  hash-type consistent sdbm avalanche\n", s.backend, wire.Tenant)
			fmt.Fprintf(&b, "  http-request return status 503 hdr %s %s if { nbsrv(%s) lt 1 }\n", wire.Reason, wire.ReasonNobody, s.backend)
			if strings.HasPrefix(s.backend, "version") {
				fmt.Fprintf(&b, "  http-request set-header %s %%[var(txn.version)]\n", wire.Version)
			}
		}
		address, disabled := s.address, ""
		if address == "" {
			address = nowhere
		}
		if !s.ready {
			disabled = " disabled"
		}
		fmt.Fprintf(&b, "  server %s %s%s\n", s.name, address, disabled)
	}
	return b.String()
}

// nowhere is the address of a place that nobody has.
const nowhere = "127.0.0.1:1"
