// Package router keeps tenants where they are, and sends what they ask to instances by pin,
// slot and share of the traffic.
//
// A request that nothing was done with is sent to the next instance: its connection was
// refused, or the instance said that it is going. One that was lost while an instance had it
// is not repeated, because a payment may have been made.
package router

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// Router routes by the table that it was given last. It may be used by several at once.
type Router struct {
	boot    string
	store   store
	plan    atomic.Pointer[Plan]
	ending  atomic.Bool
	client  http.RoundTripper
	metrics *metrics

	change sync.Mutex // of the table
	peers  peers
}

// Open makes a router that keeps its table in dir, and routes by the one that is there.
func Open(dir, boot string) (*Router, error) {
	r := &Router{boot: boot, store: store{dir}, metrics: newMetrics(), client: transport()}
	table, err := r.store.load()
	if err != nil {
		return nil, err
	}
	r.plan.Store(NewPlan(table))
	r.metrics.revision.Set(float64(table.Revision))
	return r, nil
}

// transport keeps as many connections as a few thousand requests a second need.
func transport() *http.Transport {
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: time.Second, KeepAlive: 30 * time.Second}).DialContext, MaxIdleConnsPerHost: 256,
		IdleConnTimeout: time.Minute, ResponseHeaderTimeout: answerTime, DisableCompression: true,
	}
}

// answerTime is how long an instance is waited for: longer than it gives its plugins.
const answerTime = 30 * time.Second

// Handler serves requests, and the router's own paths.
func (r *Router) Handler(token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", r.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(r.metrics.registry, promhttp.HandlerOpts{}))
	mux.Handle("PUT /admin/table", serving.Known(token, http.HandlerFunc(r.putTable)))
	mux.Handle("GET /admin/table", serving.Known(token, http.HandlerFunc(r.getTable)))
	mux.Handle("/admin/", serving.Known(token, http.NotFoundHandler()))
	mux.HandleFunc("/", r.serve)
	return mux
}

// readyz says whether requests should come.
func (r *Router) readyz(w http.ResponseWriter, _ *http.Request) {
	switch {
	case r.ending.Load():
		http.Error(w, "the router ends", http.StatusServiceUnavailable)
	case len(r.plan.Load().ready) == 0:
		http.Error(w, "there is no instance that is ready", http.StatusServiceUnavailable)
	}
}

// Table is the table in force.
func (r *Router) Table() wire.Table { return r.plan.Load().Table }

// Run is pluginhost router: it serves until ctx is done.
func Run(ctx context.Context, o Options) error {
	token, dir, err := o.check()
	if err != nil {
		return err
	}
	r, err := Open(dir, newBoot())
	if err != nil {
		return err
	}
	l, err := serving.Listen(ctx, o.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // which the server has done, if it came to that
	if err := serving.Tell(o.AddressFile, l.Addr()); err != nil {
		return err
	}
	o.Say("routing at http://%s by table %d", l.Addr(), r.Table().Revision)
	return serving.Run(ctx, l, r.Handler(token), func() { r.ending.Store(true) })
}
