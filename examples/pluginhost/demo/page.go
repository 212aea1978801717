package demo

import (
	"context"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

//go:embed assets
var assets embed.FS

// page is the page of a demonstration.
type page struct {
	http.Server
	address string // with the token: only who has it may break things
}

const cookie = "hotswap_demo"

// listen takes the port of the page, before anything is started.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("%w: the port of the page is taken; choose another one with --port, or --port 0 for any", err)
	}
	return l, nil
}

// serve serves the page.
func (d *demo) serve(l net.Listener) (*page, error) {
	token := stack.Secret()
	p := &page{address: fmt.Sprintf("http://%s/?token=%s", l.Addr(), token)}
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /live", d.live)
	mux.HandleFunc("POST /do", d.do)
	p.Handler = guarded(token, mux)
	p.ReadHeaderTimeout = 5 * time.Second
	go func() { _ = p.Serve(l) }()
	return p, nil
}

// guarded lets those in who came with the token once.
func guarded(token string, next http.Handler) http.Handler {
	same := func(s string) bool { return subtle.ConstantTimeCompare([]byte(s), []byte(token)) == 1 }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		if r.URL.Path == "/" && same(r.URL.Query().Get("token")) {
			http.SetCookie(w, &http.Cookie{Name: cookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		c, err := r.Cookie(cookie)
		if err != nil || !same(c.Value) {
			http.Error(w, "Open the address that make demo-live printed, with its token.", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// message is what the page is told, a few times a second.
type message struct {
	At         int64           `json:"at"` // ms since the beginning
	Names      []string        `json:"names,omitempty"`
	Offered    []string        `json:"offered,omitempty"` // versions that can be rolled out
	Strategies []string        `json:"strategies,omitempty"`
	Counts     string          `json:"counts,omitempty"` // who counts the requests
	Server     string          `json:"server,omitempty"`
	Versions   []string        `json:"versions"`
	Serves     []int           `json:"serves"`
	Fails      []int           `json:"fails"`
	Load       rates           `json:"load"`
	Sent       int64           `json:"sent"`
	Failed     int64           `json:"failed"`
	Rollout    *told           `json:"rollout"`
	Processes  []stack.Process `json:"processes"`
	Faults     faultsTold      `json:"faults"`
}

type faultsTold []wire.Fault

// told is a rollout, as far as the page shows it.
type told struct {
	*shown
	Deployment json.RawMessage `json:"deployment,omitempty"` // hides that of the detail: it is not shown
}

// live tells the page what there is, until it goes.
func (d *demo) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	first := message{Names: d.board.names, Offered: d.names(), Counts: "manager", Server: "http://" + d.stack.ServerAt}
	if d.stack.Prometheus != nil {
		first.Counts = "Prometheus"
	}
	for _, s := range strategies {
		first.Strategies = append(first.Strategies, string(s))
	}
	d.board.mu.Lock()
	_, seen := d.board.failsSince(0) // what failed before is not news
	d.board.mu.Unlock()
	for m := first; ; m = (message{}) {
		seen = d.fill(&m, seen)
		text, err := json.Marshal(m)
		if err != nil {
			return
		}
		if _, err = fmt.Fprintf(w, "data: %s\n\n", text); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// fill puts what there is into a message, and of what failed that of which a number is told and
// what followed. It returns the next one.
func (d *demo) fill(m *message, seen int64) (next int64) {
	for _, c := range d.stack.Children() {
		m.Processes = append(m.Processes, c.State())
	}
	d.mu.Lock()
	m.Faults = append(faultsTold{}, d.faults...)
	d.mu.Unlock()
	if r, any := d.board.current(); any {
		m.Rollout = &told{shown: &r}
	}
	b := d.board
	b.mu.Lock()
	defer b.mu.Unlock()
	m.At = time.Since(d.begun).Milliseconds()
	m.Versions, m.Serves = append([]string{}, b.versions...), append([]int{}, b.serves...)
	m.Fails, next = b.failsSince(seen)
	m.Load, m.Sent, m.Failed = b.recent.rates(time.Now()), b.sent, b.failed
	return next
}

// wish is what somebody asks for from the page.
type wish struct {
	Do       string          `json:"do"` // roll, kill, fault or say
	Version  string          `json:"version"`
	Strategy engine.Strategy `json:"strategy"`
	What     string          `json:"what"`
	Fault    wire.Fault      `json:"fault"`
}

// do does what somebody asks for.
func (d *demo) do(w http.ResponseWriter, r *http.Request) {
	var wanted wish
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&wanted); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := d.grant(r.Context(), &wanted); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (d *demo) grant(ctx context.Context, x *wish) error {
	switch x.Do {
	case "roll":
		_, err := d.roll(ctx, x.Version, x.Strategy)
		return err
	case "kill":
		who, err := d.stack.Kill(ctx, x.What)
		if err == nil {
			d.tell("kill -9 of %s", who)
		}
		return err
	case "fault":
		return d.fault(ctx, x.Fault)
	}
	return fmt.Errorf("do: %q is none of roll, kill and fault", x.Do)
}
