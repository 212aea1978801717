package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// Options are what is sent, and where to.
type Options struct {
	To      string        // a URL
	Tenants int           // how many, 1 or more
	Spread  float64       // of their weights; 0: all the same
	Rate    float64       // requests per second, of all together, above 0
	For     time.Duration // how long requests are started; 0: until ctx is over
	Most    int           // requests that may be out at once; what is due above is not sent
	Timeout time.Duration // of a request, above 0
	Seed    uint64        // of arrivals, weights and amounts
}

// Check is everything that is wrong with the options.
func (o *Options) Check() error {
	u, err := url.Parse(o.To)
	var problems []error
	for _, p := range []struct {
		right bool
		text  string
	}{
		{err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https"), fmt.Sprintf("--to %q: it wants to be a URL, like http://127.0.0.1:8080/pay", o.To)},
		{o.Tenants >= 1 && o.Tenants <= 1_000_000, fmt.Sprintf("--tenants %d: it is not in 1..1000000", o.Tenants)},
		{o.Spread >= 0 && o.Spread <= 5, fmt.Sprintf("--spread %v: it is not in 0..5", o.Spread)},
		{o.Rate > 0 && o.Rate <= 1e6, fmt.Sprintf("--rate %v: it is not above 0 and at most 1000000", o.Rate)},
		{o.For >= 0, fmt.Sprintf("--for %v: it is below 0", o.For)},
		{o.Most >= 1, fmt.Sprintf("--most %d: it is below 1", o.Most)},
		{o.Timeout > 0, fmt.Sprintf("--timeout %v: it wants to be above 0", o.Timeout)},
	} {
		if !p.right {
			problems = append(problems, errors.New(p.text))
		}
	}
	return errors.Join(problems...)
}

// Outcome is what became of a request.
type Outcome struct {
	At       time.Time // when it was due
	Tenant   string
	Version  string // that served it, "" where nobody says so
	Instance string
	Status   int // 0 where there was no answer
	Reason   string
	Latency  time.Duration // since it was due, until the whole answer was there
	Err      error         // where there was no answer, or not all of it
}

// ErrNotSent is the error of a request that was due while too many were out.
var ErrNotSent = errors.New("not sent: too many requests are out")

// NotSent says that nobody was asked.
func (o *Outcome) NotSent() bool { return errors.Is(o.Err, ErrNotSent) }

// Failed says that the request was sent, and had no answer or an error of a server's.
func (o *Outcome) Failed() bool { return !o.NotSent() && (o.Err != nil || o.Status >= 500) }

// sender is a run of Run.
type sender struct {
	o      Options
	client *http.Client
	each   func(Outcome)

	room chan struct{}
	out  sync.WaitGroup
	mu   sync.Mutex // of each
}

// Run sends requests until they were sent for as long as they should be, or ctx is over, and
// returns when the last one is. It calls each for every request, one at a time.
func Run(ctx context.Context, o Options, each func(Outcome)) error {
	if err := o.Check(); err != nil {
		return err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: o.Most, MaxIdleConns: o.Most, IdleConnTimeout: time.Minute, DisableCompression: true}
	defer transport.CloseIdleConnections()
	s := &sender{o: o, each: each, room: make(chan struct{}, o.Most), client: &http.Client{
		Transport: transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	defer s.out.Wait()
	names, due := Names(o.Tenants), newArrivals(o.Rate, Weights(o.Tenants, o.Spread, o.Seed), o.Seed)
	amounts := rand.New(rand.NewPCG(o.Seed, 0x616d6f756e7473))
	begun, timer := time.Now(), time.NewTimer(0)
	defer timer.Stop()
	for {
		after, tenant := due.next()
		if o.For > 0 && after >= o.For {
			return nil
		}
		at := begun.Add(after)
		if wait := time.Until(at); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return nil
			}
		} else if ctx.Err() != nil {
			return nil
		}
		s.start(Outcome{At: at, Tenant: names[tenant]}, 100+amounts.Int64N(20_000))
	}
}

// start sends a request, without waiting for anything.
func (s *sender) start(o Outcome, amount int64) {
	select {
	case s.room <- struct{}{}:
	default:
		o.Err = ErrNotSent
		s.tell(o)
		return
	}
	s.out.Go(func() {
		s.send(&o, `{"amount":`+strconv.FormatInt(amount, 10)+"}")
		o.Latency = time.Since(o.At)
		<-s.room
		s.tell(o)
	})
}

func (s *sender) tell(o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.each(o)
}

// send sends a request, and has its answer.
func (s *sender) send(o *Outcome, body string) {
	// What was begun is seen to its end, also where nothing more is to be sent.
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.o.To, strings.NewReader(body))
	if err != nil {
		o.Err = err
		return
	}
	r.Header[wire.Tenant] = []string{o.Tenant}
	r.Header["User-Agent"] = nil
	answer, err := s.client.Do(r)
	if err != nil {
		o.Err = err
		return
	}
	defer func() { _ = answer.Body.Close() }()
	o.Status = answer.StatusCode
	o.Version, o.Instance, o.Reason = answer.Header.Get(wire.Version), answer.Header.Get(wire.Instance), answer.Header.Get(wire.Reason)
	_, o.Err = io.Copy(io.Discard, answer.Body)
}
