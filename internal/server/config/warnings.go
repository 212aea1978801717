package config

import (
	"net/url"
	"time"
)

// Warnings are what is allowed, and yet worth a second look, in the order of the file.
func (c *Config) Warnings(now time.Time) Problems {
	k := &checker{Config: c}
	if l := c.Listener(); !l.Local && l.CertFile == "" {
		k.wrong("insecure_listen", "tokens and answers travel in the open between whoever speaks TLS in front of the server and here")
	}
	for _, name := range c.Names() {
		e, path := c.Environments[string(name)], form.Keyed("environments", string(name))
		if e.Fleet != nil {
			k.open(path+".fleet", "endpoint", e.Fleet.Endpoint, &e.Fleet.Connection)
		}
		if e.PostgreSQL != nil {
			k.openly(path+".postgresql", e.PostgreSQL)
		}
		if e.Prometheus != nil {
			k.open(path+".prometheus", "address", e.Prometheus.Address, &e.Prometheus.Connection)
		}
	}
	k.told(c.AccessSettings().Warnings(now))
	_ = k.ps.Sorted() // which sorts them where they are
	return k.ps
}

// open warns of connections that others can read.
func (c *checker) open(path, name, address string, n *Connection) {
	u, err := url.Parse(address)
	if err == nil && u.Scheme == "http" && !local(u.Hostname()) {
		c.wrong(path+"."+name, "is http to another machine: anybody on the way reads the credentials and changes answers")
	}
	if n.TLS != nil && n.TLS.InsecureSkipVerify {
		c.wrong(path+".tls.insecure_skip_verify", "takes any certificate: anybody on the way reads the credentials and changes answers")
	}
	if name == "endpoint" && !n.credible() {
		c.wrong(path, "has no credentials: whoever reaches the fleet may change it")
	}
}

// credible says whether a connection has credentials.
func (n *Connection) credible() bool {
	certificate := n.TLS != nil && n.TLS.CertFile != ""
	return n.TokenFile != "" || n.TokenEnv != "" || n.BasicAuth != nil || n.OAuth2 != nil || certificate || len(n.HeaderFiles) > 0
}
