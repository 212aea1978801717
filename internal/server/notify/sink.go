package notify

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// mostAnswered is how much of an answer is read, so that its connection can be used again.
const mostAnswered = 64 << 10

// sink is somebody who is told, and how to reach them.
type sink struct {
	of     Sink
	path   string
	source string
	agent  string
	now    func() time.Time
	outbox store.Outbox

	mu     sync.Mutex
	gone   bool            // it said that it wants nothing any more
	client *connect.Client // of origin; nil: none yet
	origin string

	queue queue
}

// wants says whether it is told of something.
func (s *sink) wants(what What, b *book) bool {
	events := s.of.Events
	if len(events) == 0 {
		events = Usual(s.of.Kind)
	}
	spec := &b.plan.Spec
	return slices.Contains(events, what) &&
		(len(s.of.Environments) == 0 || slices.Contains(s.of.Environments, spec.Environment)) &&
		(len(s.of.Plugins) == 0 || slices.Contains(s.of.Plugins, spec.PluginID))
}

// send tells it m. The error is a *failure.
func (s *sink) send(ctx context.Context, m *message) error {
	switch s.of.Kind {
	case Webhook:
		return s.sendWebhook(ctx, m)
	case CDEvents:
		return s.sendCDEvent(ctx, m)
	default:
		return s.sendSlack(ctx, m)
	}
}

// requests is how many requests an attempt takes at most.
func (s *sink) requests() int {
	if s.of.TokenFile != "" {
		return 2 // the message that shows where a rollout is, and the new one below it
	}
	return 1
}

// address is where messages go.
func (s *sink) address() (string, error) {
	if s.of.URLFile == "" {
		return s.of.URL, nil
	}
	return secretText(s.of.URLFile)
}

// reach is a client of an address, which may change with the file that it is in.
func (s *sink) reach(address string) (*connect.Client, *url.URL, error) {
	u, err := url.Parse(address)
	origin, wrong := originOf(address)
	if err != nil || wrong != nil {
		return nil, nil, &failure{text: "nothing was sent: what is in " + s.of.URLFile + " is not a URL like https://hooks.example.com/rollouts"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil && s.origin == origin {
		return s.client, u, nil
	}
	set := s.of.reach(s.path, origin)
	set.UserAgent, set.PublicOnly = s.agent, !s.of.AllowPrivateAddresses
	c, err := connect.New(set)
	if err != nil {
		return nil, nil, &failure{text: "nothing was sent: " + err.Error()}
	}
	if s.client != nil {
		s.client.Close()
	}
	s.client, s.origin = c, origin
	return c, u, nil
}

// post sends a message, signed where there is a secret, whose answer is only a status.
func (s *sink) post(ctx context.Context, id, kind string, body []byte) error {
	header := http.Header{}
	if err := s.sign(header, id, s.now(), body); err != nil {
		return err
	}
	address, err := s.address()
	if err != nil {
		return err
	}
	header.Set("Content-Type", kind)
	a, err := s.exchange(ctx, address, header, body)
	if err != nil {
		return err
	}
	return s.judge(a)
}

// judge is the failure that an answer is; nil: it is none.
func (s *sink) judge(a *connect.Answer) error {
	if f := answered(a.Response, s.now()); f != nil {
		return f
	}
	return nil
}

// exchange sends a request and reads the beginning of its answer. The error has nothing of the address behind its host.
func (s *sink) exchange(ctx context.Context, address string, header http.Header, body []byte) (*connect.Answer, error) {
	c, u, err := s.reach(address)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, &failure{text: "nothing was sent: the address cannot be used"}
	}
	req.Header = header
	resp, err := c.Do(req)
	if err != nil {
		f := unreached(err)
		for _, secret := range []string{u.RequestURI(), u.Path} {
			if len(secret) > 1 {
				f.text = strings.ReplaceAll(f.text, secret, "/…")
			}
		}
		return nil, f
	}
	begin, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswered))
	_ = resp.Body.Close() // there may be more, which nobody wants
	if err != nil && resp.StatusCode/100 == 2 && s.of.TokenFile != "" {
		return nil, unreached(err)
	}
	return &connect.Answer{Response: resp, Body: begin}, nil
}

// ended says that it wants nothing any more.
func (s *sink) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// end notes that it wants nothing any more.
func (s *sink) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
}

// String names it, for logs.
func (s *sink) String() string { return fmt.Sprintf("%s (%s)", s.of.Name, s.of.Kind) }
