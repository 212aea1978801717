package notify

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Settings are the part of a server's configuration that says who is told what: the list
// that is its "notifications".
type Settings struct{ Sinks []Sink }

// Kind is the form in which a sink is told.
type Kind string

// The kinds.
const (
	Webhook   Kind = "webhook"  // as Standard Webhooks has it
	CDEvents  Kind = "cdevents" // CDEvents, as CloudEvents in JSON
	Slack     Kind = "slack"    // messages for people
	noKind    Kind = ""         // of a sink that says none
	kindsText      = "webhook, cdevents, slack"
)

// Sink is somebody who is told.
type Sink struct {
	// Name is unique, and stays: deliveries that wait are found by it.
	Name string `yaml:"name"`
	Kind Kind   `yaml:"kind"`
	// URL is where messages are sent. URLFile has it where it is itself a secret, as that of
	// an incoming webhook. A slack sink with a token needs neither.
	URL     string `yaml:"url,omitempty"`
	URLFile string `yaml:"url_file,omitempty"`
	// SecretFile has the secret that webhooks are signed with, as whsec_ and base64; SecretFiles
	// are two, while the receivers change from one to the other.
	SecretFile  string   `yaml:"secret_file,omitempty"`
	SecretFiles []string `yaml:"secret_files,omitempty"`
	// TokenFile has the token of a bot in Slack, and Channel is where it writes.
	TokenFile string `yaml:"token_file,omitempty"`
	Channel   string `yaml:"channel,omitempty"`
	// Events are what is told; empty: what its kind usually is.
	Events []What `yaml:"events,omitempty"`
	// Environments and Plugins are those that are told of; empty: all.
	Environments []engine.Environment `yaml:"environments,omitempty"`
	Plugins      []string             `yaml:"plugins,omitempty"`
	// AllowPrivateAddresses lets messages go to addresses that are not public, AllowHTTP over
	// plain HTTP.
	AllowPrivateAddresses bool `yaml:"allow_private_addresses,omitempty"`
	AllowHTTP             bool `yaml:"allow_http,omitempty"`
	// Timeout is that of one attempt, 1s..1m; 0: 15 s.
	Timeout engine.Duration `yaml:"timeout,omitempty"`
	// MaxConcurrency is how many attempts are under way at a time, 1..64; 0: 4.
	MaxConcurrency int `yaml:"max_concurrency,omitempty"`
	// HTTP has TLS, the proxy, and headers. With a proxy it is that which resolves names and
	// connects, and so that which has to refuse addresses that are not public.
	HTTP *config.HTTPClientConfig `yaml:"http,omitempty"`
}

// What Sinks that say nothing mean, and the most that they take.
const (
	usualTimeout     = 15 * time.Second
	leastTimeout     = time.Second
	mostTimeout      = time.Minute
	usualConcurrency = 4
	mostConcurrency  = 64
	mostSinks        = 100
)

// slackAPI is where Slack's methods are.
const slackAPI = "https://slack.com/api"

var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// Check says all that is wrong with s, each with its path below "notifications". It reads no
// files and reaches nobody.
func (s Settings) Check() engine.Problems {
	var ps engine.Problems
	if n := len(s.Sinks); n > mostSinks {
		ps = append(ps, engine.Problem{Path: "notifications", Value: fmt.Sprint(n), Rule: fmt.Sprintf("is more than %d", mostSinks)})
	}
	seen := map[string]int{}
	for i := range s.Sinks {
		k := &s.Sinks[i]
		path := fmt.Sprintf("notifications[%d]", i)
		if first, twice := seen[k.Name]; twice && k.Name != "" {
			ps = append(ps, engine.Problem{Path: path + ".name", Value: fmt.Sprintf("%q", k.Name), Rule: fmt.Sprintf("is that of notifications[%d] too", first)})
		} else {
			seen[k.Name] = i
		}
		ps = append(ps, k.check(path)...)
	}
	return ps
}

// Below has files that are named without where they are found in a folder: that of the
// configuration.
func (s *Settings) Below(folder string) {
	below := func(file *string) {
		if *file != "" && !filepath.IsAbs(*file) {
			*file = filepath.Join(folder, *file)
		}
	}
	for i := range s.Sinks {
		k := &s.Sinks[i]
		for _, file := range []*string{&k.URLFile, &k.SecretFile, &k.TokenFile} {
			below(file)
		}
		for j := range k.SecretFiles {
			below(&k.SecretFiles[j])
		}
		k.HTTP.SetDirectory(folder) // which takes nil
	}
}

// checking collects what is wrong with a sink.
type checking struct {
	path string
	ps   engine.Problems
}

func (c *checking) wrong(is bool, name, value, rule string) {
	if is {
		c.ps = append(c.ps, engine.Problem{Path: c.path + "." + name, Value: value, Rule: rule})
	}
}

func (k *Sink) check(path string) engine.Problems {
	c := &checking{path: path}
	c.wrong(!namePattern.MatchString(k.Name), "name", fmt.Sprintf("%q", k.Name), "is not 1..63 letters, digits, '.', '_' or '-' that begin with a letter or digit")
	switch k.Kind {
	case Webhook, CDEvents, Slack:
	case noKind:
		c.wrong(true, "kind", "", "is missing: it is one of "+kindsText)
	default:
		c.wrong(true, "kind", fmt.Sprintf("%q", k.Kind), "is not one of "+kindsText)
	}
	k.checkWhere(c)
	k.checkSecrets(c)
	k.checkWhat(c)
	c.wrong(k.timeout() < leastTimeout || k.timeout() > mostTimeout, "timeout", k.timeout().String(), "is not in 1s..1m")
	c.wrong(k.MaxConcurrency < 0 || k.MaxConcurrency > mostConcurrency, "max_concurrency", fmt.Sprint(k.MaxConcurrency), "is not in 1..64")
	return c.ps
}

// checkWhere checks where messages go.
func (k *Sink) checkWhere(c *checking) {
	bot := k.bot()
	c.wrong(k.URL != "" && k.URLFile != "", "url_file", "", "is beside url: one of them says where messages go")
	c.wrong(k.URL == "" && k.URLFile == "" && !bot, "url", "", "is missing: url or url_file says where messages go")
	k.checkSlack(c)
	address := cmp.Or(k.URL, slackAPI)
	origin, err := originOf(address)
	if err != nil {
		c.wrong(true, "url", "", err.Error())
		return
	}
	c.ps = append(c.ps, k.reach(c.path, origin).Check()...)
	if h := k.HTTP; h != nil && bot {
		c.wrong(h.BasicAuth != nil || h.Authorization != nil || h.OAuth2 != nil, "http", "", "has credentials beside token_file")
	}
}

// bot says whether it writes to Slack with a token.
func (k *Sink) bot() bool { return k.Kind == Slack && k.TokenFile != "" }

// checkSlack checks what only sinks of that kind have.
func (k *Sink) checkSlack(c *checking) {
	if k.Kind != Slack {
		c.wrong(k.TokenFile != "", "token_file", "", "is of sinks of the kind slack")
		c.wrong(k.Channel != "", "channel", "", "is of sinks of the kind slack")
		return
	}
	c.wrong(k.TokenFile == "" && k.Channel != "", "channel", "", "needs token_file: an incoming webhook has its channel from Slack")
	c.wrong(k.TokenFile != "" && k.Channel == "", "channel", "", "is missing: a token does not say where to write")
}

// checkSecrets checks what messages are signed with.
func (k *Sink) checkSecrets(c *checking) {
	c.wrong(k.SecretFile != "" && len(k.SecretFiles) > 0, "secret_files", "", "is beside secret_file: give all in one of them")
	c.wrong(len(k.SecretFiles) > 2, "secret_files", fmt.Sprint(len(k.SecretFiles)), "are more than the two of a change from one to the other")
	for i, f := range k.SecretFiles {
		c.wrong(f == "", fmt.Sprintf("secret_files[%d]", i), "", "is empty")
	}
	c.wrong(k.Kind == Webhook && len(k.secrets()) == 0, "secret_file", "", "is missing: receivers know by the signature that a webhook is ours")
	c.wrong(k.Kind == Slack && len(k.secrets()) > 0, "secret_file", "", "is of sinks of the kinds webhook and cdevents")
}

// checkWhat checks what is told, and of what.
func (k *Sink) checkWhat(c *checking) {
	for i, w := range k.Events {
		c.wrong(!slices.Contains(All(), w), fmt.Sprintf("events[%d]", i), fmt.Sprintf("%q", w), "is not one of "+joined(All()))
	}
	for i, e := range k.Environments {
		for _, p := range e.Check() {
			c.wrong(true, fmt.Sprintf("environments[%d]", i), p.Value, p.Rule)
		}
	}
	for i, p := range k.Plugins {
		if ps := engine.CheckAddress(engine.Production, p); len(ps) > 0 {
			c.wrong(true, fmt.Sprintf("plugins[%d]", i), ps[0].Value, ps[0].Rule)
		}
	}
}

// timeout is that of one attempt.
func (k *Sink) timeout() time.Duration { return cmp.Or(time.Duration(k.Timeout), usualTimeout) }

// secrets are the files with what messages are signed with.
func (k *Sink) secrets() []string {
	if k.SecretFile != "" {
		return []string{k.SecretFile}
	}
	return k.SecretFiles
}

// reach is how the sink at an origin is reached.
func (k *Sink) reach(path, origin string) connect.Settings {
	s := connect.Settings{
		Path: path, AddressName: "url", Address: origin, AllowHTTP: k.AllowHTTP, HTTP: config.DefaultHTTPClientConfig,
		Timeout: k.timeout(), MaxConcurrency: mostConcurrency,
	}
	if k.HTTP != nil {
		s.HTTP = *k.HTTP
	}
	s.HTTP.EnableHTTP2 = true
	s.HTTP.FollowRedirects = false // what is told goes where the configuration says
	return s
}

// originOf is the scheme and host of an address. What it says of one that is wrong has
// nothing of it: all of it may be secret.
func originOf(address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return "", fmt.Errorf("is not a URL like https://hooks.example.com/rollouts")
	case u.User != nil:
		return "", fmt.Errorf("has a user in it, which would end up in logs: give the credentials in http")
	case u.Fragment != "":
		return "", fmt.Errorf("has a fragment, which is never sent")
	}
	return u.Scheme + "://" + u.Host, nil
}

// joined lists words.
func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}
