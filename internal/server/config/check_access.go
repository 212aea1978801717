package config

import (
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
)

// access checks who may come, with the checks of the package that lets them.
func (c *checker) access() {
	a := &c.Access
	c.told(c.AccessSettings().Check())
	for i, t := range a.Tokens {
		path := fmt.Sprintf("access.tokens[%d]", i)
		if _, ok := hashOf(t.Hash); t.Hash != "" && !ok {
			c.wrong(path+".hash", "is not sha256: and 64 hexadecimal digits. It is made with: printf %%s TOKEN | sha256sum")
		}
		c.places(path, t.Grants)
	}
	for i, r := range a.Certificates {
		c.places(fmt.Sprintf("access.certificates[%d]", i), r.Grants)
	}
	if len(a.Certificates) > 0 && c.Config.TLS.ClientCAFile == "" {
		c.wrong("access.certificates", "needs tls.client_ca_file: without it, no client certificate is asked for")
	}
	for i, o := range a.OIDC {
		path := fmt.Sprintf("access.oidc[%d]", i)
		c.proxy(path+".proxy_url", o.ProxyURL)
		for j, r := range o.Rules {
			c.places(fmt.Sprintf("%s.rules[%d]", path, j), r.Grants)
		}
	}
	c.often(a)
}

// often checks how long sessions are, and how often somebody may ask.
func (c *checker) often(a *Access) {
	if length := time.Duration(a.Sessions.Length); length >= 0 && length < time.Minute {
		c.wrong("access.sessions.length", "%s is less than 1m", length)
	}
	for name, n := range map[string]int{"failures_per_minute": a.Limits.FailuresPerMinute, "requests_per_second": a.Limits.RequestsPerSecond} {
		if n == 0 {
			c.wrong("access.limits."+name, "0 would let nobody in")
		}
	}
	for i, text := range a.Limits.TrustedProxies {
		if _, err := network(text); err != nil {
			c.wrong(fmt.Sprintf("access.limits.trusted_proxies[%d]", i), "is neither an address nor a network like 10.0.0.0/8")
		}
	}
}

// places checks that grants are for environments that there are: one with a slip in it would
// let nobody in, and nobody would see why.
func (c *checker) places(path string, grants []access.Grant) {
	for i, g := range grants {
		for j, e := range g.Environments {
			if _, there := c.Environments[string(e)]; !there && len(e.Check()) == 0 {
				c.wrong(fmt.Sprintf("%s.grants[%d].environments[%d]", path, i, j), "%s is not one of the environments", engine.Visible(string(e)))
			}
		}
	}
}
