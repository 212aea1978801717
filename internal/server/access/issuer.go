package access

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
)

// Bounds of what an issuer is asked.
const (
	keysGoodFor  = time.Hour        // after that they are asked for again, and go on where that fails
	betweenAsks  = 20 * time.Second // however many tokens with unknown keys come
	mostOfAnswer = 1 << 20
	mostKeys     = 100
	mostClients  = 4 // hosts that the addresses of an issuer are on
)

// issuer is an Issuer that can be asked.
type issuer struct {
	Issuer
	rules []rule
	now   func() time.Time
	turn  chan struct{} // has an element while somebody asks

	mu      sync.Mutex
	known   *metadata // nil: nothing is
	asked   time.Time // last, whatever came
	failed  error     // what came instead, last time
	clients map[string]*connect.Client
}

// metadata are what an issuer says of itself, and its keys.
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`

	keys []key
	at   time.Time
}

func newIssuer(i Issuer, now func() time.Time) (*issuer, error) {
	own := &issuer{Issuer: i, rules: ready(i.Rules), now: now, turn: make(chan struct{}, 1), clients: map[string]*connect.Client{}}
	_, err := own.client(i.URL)
	return own, err
}

func (i *issuer) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, c := range i.clients {
		c.Close()
	}
}

// client is how the host of an address of the issuer is reached. The address may be one that
// the issuer itself names.
func (i *issuer) client(address string) (*connect.Client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s names an address that is none", i.URL)
	}
	if u.Scheme != "https" && !i.AllowHTTP {
		return nil, fmt.Errorf("%s names an address that is not https", i.URL)
	}
	origin := u.Scheme + "://" + u.Host
	i.mu.Lock()
	defer i.mu.Unlock()
	if c := i.clients[origin]; c != nil {
		return c, nil
	}
	if len(i.clients) >= mostClients {
		return nil, fmt.Errorf("%s names addresses on more than %d hosts", i.URL, mostClients)
	}
	s := i.reach(i.Name)
	s.Address, s.Timeout, s.HTTP.FollowRedirects = origin, issuerTime, false
	c, err := connect.New(s)
	if err == nil {
		i.clients[origin] = c
	}
	return c, err
}

// fetch reads the JSON at an address of the issuer.
func (i *issuer) fetch(req *http.Request, into any) error {
	c, err := i.client(req.URL.String())
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	answer, err := c.Fetch(req, mostOfAnswer)
	if err != nil {
		return err
	}
	shown := *req.URL
	shown.RawQuery = ""
	if answer.Response.StatusCode != http.StatusOK {
		return &answerError{shown.String(), answer.Response.StatusCode, answer.Body}
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		return fmt.Errorf("%s answered with something that is not the JSON that is wanted", shown.String())
	}
	return nil
}

// answerError is an answer that is none.
type answerError struct {
	from   string
	status int
	body   []byte
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s answered with status %d", e.from, e.status)
}

// get is fetch with GET.
func (i *issuer) get(ctx context.Context, address string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("%s names an address that is none", i.URL)
	}
	return i.fetch(req, into)
}

// discover asks an issuer for what it says of itself, and for its keys.
func (i *issuer) discover(ctx context.Context) (*metadata, error) {
	m := &metadata{at: i.now()}
	if err := i.get(ctx, strings.TrimSuffix(i.URL, "/")+"/.well-known/openid-configuration", m); err != nil {
		return nil, err
	}
	if m.Issuer != i.URL {
		return nil, fmt.Errorf("whoever answers for %s says to be %s: the two have to be the same, to the last slash", i.URL, quoted([]string{m.Issuer}))
	}
	if m.Keys == "" {
		return nil, fmt.Errorf("%s names no jwks_uri", i.URL)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := i.get(ctx, m.Keys, &set); err != nil {
		return nil, err
	}
	if m.keys = readKeys(set.Keys); len(m.keys) == 0 {
		return nil, fmt.Errorf("%s has no key that RS256 or ES256 can be checked with", i.URL)
	}
	return m, nil
}

// about is what is known of an issuer, with a key that fits, if there is one. It is asked
// again after a while, and for a key that is not known, but no more often than is bearable;
// where it is away, what was known goes on.
func (i *issuer) about(ctx context.Context, fits func(*metadata) bool) (*metadata, error) {
	known, due := i.look(fits)
	if !due {
		return known, nil
	}
	if known != nil && fits(known) {
		select {
		case i.turn <- struct{}{}:
		default: // somebody asks already
			return known, nil
		}
	} else {
		select {
		case i.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, &UnavailableError{"the issuer " + i.Name + " was asked for its keys", ctx.Err()}
		}
	}
	defer func() { <-i.turn }()
	if known, due = i.look(fits); !due { // whoever had the turn has asked
		return known, nil
	}
	i.ask(ctx)
	known, _ = i.look(fits)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.failed != nil && (known == nil || !fits(known)) {
		return nil, &UnavailableError{"the issuer " + i.Name + " cannot be asked", i.failed}
	}
	return known, nil
}

// look is what is known, and whether the issuer should be asked.
func (i *issuer) look(fits func(*metadata) bool) (known *metadata, due bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.now()
	switch {
	case i.known != nil && fits(i.known):
		due = now.Sub(i.known.at) >= keysGoodFor
	default:
		due = true
	}
	return i.known, due && (i.asked.IsZero() || now.Sub(i.asked) >= betweenAsks)
}

// ask asks the issuer. The request that made it necessary may end meanwhile: others wait too.
func (i *issuer) ask(ctx context.Context) {
	m, err := i.discover(context.WithoutCancel(ctx))
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked, i.failed = i.now(), err
	if err == nil {
		i.known = m
	}
}
