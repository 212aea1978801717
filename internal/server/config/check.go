package config

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
)

// checker collects problems with their places.
type checker struct {
	*Config
	ps Problems
}

func (c *checker) wrong(path, rule string, args ...any) {
	c.ps = append(c.ps, c.Problem(path, fmt.Sprintf(rule, args...)))
}

// told adds what others found.
func (c *checker) told(found engine.Problems) {
	for _, p := range found {
		rule := p.Rule
		if p.Value != "" {
			rule = p.Value + " " + rule
		}
		c.wrong(p.Path, "%s", rule)
	}
}

// either checks that one of two is given.
func (c *checker) either(path, one, other, first, second string) {
	switch {
	case first == "" && second == "":
		c.wrong(path, "has neither %s nor %s: give one of them", one, other)
	case first != "" && second != "":
		c.wrong(path+"."+other, "is given, and %s too: give one of them", one)
	}
}

// oneOf checks a word.
func oneOf[T ~string](c *checker, path string, word T, words ...T) {
	if !slices.Contains(words, word) {
		c.wrong(path, "%q is not one of %s", engine.Shortened(string(word)), strings.Join(texts(words), ", "))
	}
}

func (c *checker) within(path string, n, least, most int) {
	if n < least || n > most {
		c.wrong(path, "%d is not in %d..%d", n, least, most)
	}
}

// problems are all that is wrong with what the configuration says.
func (c *Config) problems() Problems {
	k := &checker{Config: c}
	k.listener()
	k.server()
	if len(c.Environments) == 0 {
		k.wrong("environments", "is missing: a server has at least one environment")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environments)) {
		k.environment(engine.Environment(name), c.Environments[name])
	}
	k.access()
	oneOf(k, "log.level", c.Log.Level, levels...)
	oneOf(k, "log.format", c.Log.Format, formats...)
	return k.ps
}

var (
	levels  = []Level{"debug", "info", "warn", "error"}
	formats = []Format{"logfmt", "json"}
	keepers = []Keeper{KeptByFleet, KeptByStore}
)

func (c *checker) listener() {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port == "" {
		c.wrong("listen", "is not HOST:PORT, like 127.0.0.1:8700")
	}
	if _, err := net.LookupPort("tcp", port); port != "" && err != nil {
		c.wrong("listen", "has a port that is none")
	}
	t := c.Config.TLS
	if (t.CertFile == "") != (t.KeyFile == "") {
		c.wrong("tls", "cert_file and key_file belong together: give both")
	}
	if t.ClientCAFile != "" && t.CertFile == "" {
		c.wrong("tls.client_ca_file", "needs cert_file and key_file: without TLS there are no client certificates")
	}
	if err == nil && !local(host) && t.CertFile == "" && !c.InsecureListen {
		c.wrong("listen", "can be reached from other machines, and tokens would travel in the open: give tls, listen on 127.0.0.1, "+
			"or say insecure_listen: true where a proxy in front speaks TLS")
	}
}

// local says whether nobody but this machine can come to a host.
func local(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && at.IsLoopback()
}

// longestName is how long a name of a server may be.
const longestName = 128

func (c *checker) server() {
	s := c.Server
	c.within("server.workers", s.Workers, 1, 1000)
	c.within("server.keep_rollouts", s.KeepRollouts, 1, 1_000_000)
	if len(s.Name) > longestName {
		c.wrong("server.name", "has %d bytes, and a name has at most %d", len(s.Name), longestName)
	}
	if c.State == "" {
		c.wrong("state", "is empty: it is a folder")
	}
	if s.ExternalURL != "" {
		c.external(s.ExternalURL)
	}
	if p := c.Store.PostgreSQL; p != nil {
		c.either("store.postgresql", "dsn_file", "dsn_env", string(p.DSNFile), string(p.DSNEnv))
	}
}

func (c *checker) external(text string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		c.wrong("server.external_url", "is not a URL like https://hotswap.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/":
		c.wrong("server.external_url", "has more than a host and a port: the server answers at the root of its host")
	case u.Scheme == "http" && !local(u.Hostname()):
		c.wrong("server.external_url", "is http, over which anybody on the way reads sessions: use https")
	}
}

func (c *checker) proxy(path, text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		c.wrong(path, "is not a URL like http://proxy.example.com:3128")
	case u.User != nil:
		c.wrong(path, "has a user in it, which would be a secret in this file: use the environment variable HTTPS_PROXY")
	}
}

func (c *checker) environment(name engine.Environment, e Environment) {
	path := form.Keyed("environments", string(name))
	bad := name.Check()
	for _, p := range bad {
		c.wrong(path, "%s %s", p.Value, p.Rule)
	}
	c.kind(path, name, e.Kind, len(bad) > 0)
	c.oneFleet(path, e)
	if e.Journal != "" {
		oneOf(c, path+".journal", e.Journal, keepers...)
	}
	for i, plugin := range e.Plugins {
		for _, p := range engine.CheckAddress(engine.Production, plugin) {
			c.wrong(fmt.Sprintf("%s.plugins[%d]", path, i), "%s %s", p.Value, p.Rule)
		}
	}
	c.simulated(path+".simulated", e.Simulated)
	c.postgresql(path, name, e)
	c.reached(path, name, e)
}

// oneFleet checks that an environment is one fleet, and that nobody else counts what it counts.
func (c *checker) oneFleet(path string, e Environment) {
	given := 0
	for _, is := range []bool{e.Fleet != nil, e.Simulated != nil, e.PostgreSQL != nil} {
		if is {
			given++
		}
	}
	switch {
	case given == 0:
		c.wrong(path, "has neither fleet nor postgresql nor simulated: give one of them")
	case e.Fleet != nil && e.Simulated != nil:
		c.wrong(path+".simulated", "is given, and fleet too: give one of them")
	case e.PostgreSQL != nil && given > 1:
		c.wrong(path+".postgresql", "is given, and another fleet too: give one of them")
	case e.Prometheus == nil:
	case e.Simulated != nil:
		c.wrong(path+".prometheus", "is given, and simulated too: a simulated fleet counts its traffic itself")
	case e.PostgreSQL != nil:
		c.wrong(path+".prometheus", "is given, and postgresql too: the servers count their transactions themselves")
	}
}

func (c *checker) simulated(path string, s *Simulated) {
	if s == nil {
		return
	}
	if s.Scenario == "" {
		c.wrong(path+".scenario", "is missing: it is the file that describes the fleet")
	}
	c.within(path+".time_scale", s.TimeScale, 1, simulated.MostScale)
}

func (c *checker) kind(path string, name, kind engine.Environment, bad bool) {
	switch {
	case kind != "" && !kind.IsKind():
		oneOf(c, path+".kind", kind, engine.Environments()...)
	case name.IsKind() && kind != "" && kind != name:
		c.wrong(path+".kind", "is not the kind of %s, whose name says it: leave it out", name)
	case !name.IsKind() && kind == "" && !bad:
		c.wrong(path+".kind", "is missing: a name of one's own needs it, one of %s", strings.Join(texts(engine.Environments()), ", "))
	}
}

// reached checks how a fleet and who counts are reached, with the checks of those who do.
func (c *checker) reached(path string, name engine.Environment, e Environment) {
	if e.Fleet != nil {
		e.Fleet.problems(path+".fleet", c)
	}
	if e.Prometheus != nil {
		e.Prometheus.problems(path+".prometheus", c)
	}
	if s, ok := c.Config.Fleet(name, "", func(string) string { return "what a variable says" }); ok {
		if s.Prometheus != nil { // selectors are templates over these
			s.Prometheus.Environment, s.Prometheus.Plugin = string(name), "plugin"
		}
		c.told(s.Check())
	}
}
