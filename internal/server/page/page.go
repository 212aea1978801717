package page

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// Options are what a page is made of.
type Options struct {
	// Login answers what logs people in and out.
	Login http.Handler
	// Issuers are by whom they can log in, beside with a token.
	Issuers []string
	Now     func() time.Time
}

// New answers the page at /, what it is made of below /assets/, and what logs people in.
// Nothing else is there.
func New(o Options) http.Handler {
	own := read()
	index := own.index(o.Issuers)
	mux := http.NewServeMux()
	for _, path := range []string{"/login", "/login/oidc", "/login/callback", "/logout"} {
		mux.Handle(path, o.Login)
	}
	mux.Handle("/{$}", getting(o.Now, func(w http.ResponseWriter, r *http.Request) error {
		index.send(w, r)
		return nil
	}))
	mux.Handle("/assets/{digest}/{file}", getting(o.Now, func(w http.ResponseWriter, r *http.Request) error {
		return own.send(w, r)
	}))
	mux.Handle("/", getting(o.Now, missing))
	return headed(mux)
}

// missing says that there is nothing.
func missing(_ http.ResponseWriter, r *http.Request) error {
	return exchange.Refuse(fleetcontract.NotFound, "there is no %s", r.URL.Path)
}

// getting answers what is only read.
func getting(now func() time.Time, do func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		get, err := exchange.Method(r, map[string]func(http.ResponseWriter, *http.Request) error{http.MethodGet: do})
		if err == nil {
			err = get(w, r)
		}
		if err != nil {
			x := &exchange.Exchange{Request: r, To: w, Clock: now}
			x.Fail(err)
		}
	})
}

// policy lets the page have what this server serves, and nothing that is written into it.
var policy = strings.Join([]string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "font-src 'self'",
	"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}, "; ")

// headed has every answer say what browsers may do with it.
func headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
		next.ServeHTTP(w, r)
	})
}

// listed is a list as an attribute of the page has it.
func listed(names []string) string {
	text, err := json.Marshal(append([]string{}, names...))
	if err != nil {
		panic("page: " + err.Error()) // they are strings
	}
	return string(text)
}
