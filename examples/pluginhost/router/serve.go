package router

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// mostBody is how many bytes a request may have: it is kept until it was answered, so that
// it can be sent to another instance.
const mostBody = 1 << 20

// reasonGone is why a request was not answered whose sender did not wait for it.
const reasonGone = "gone"

// serve has a request served by an instance.
func (r *Router) serve(w http.ResponseWriter, req *http.Request) {
	tenant := req.Header.Get(wire.Tenant)
	if tenant == "" {
		http.Error(w, "the header "+wire.Tenant+" is missing", http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, mostBody))
	if err != nil {
		http.Error(w, "the body cannot be read: "+err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	var tried []string
	for {
		plan := r.plan.Load()
		in, pin := plan.Choose(tenant, tried)
		if in == nil {
			r.fail(w, "", http.StatusServiceUnavailable, wire.ReasonNobody)
			return
		}
		p := r.begin(plan, in)
		if p == nil {
			continue
		}
		if r.try(w, req, p, in, pin, body) {
			return
		}
		r.metrics.retries.WithLabelValues(in.ID).Inc()
		tried = append(tried, in.ID)
	}
}

// begin counts a request that an instance was chosen for; nil: another table is in force by now.
// So whoever has put a table, and is told of no request that an instance has, may end it: none
// that was chosen by the table before comes any more.
func (r *Router) begin(plan *Plan, in *wire.Routed) *peer {
	p := r.peers.at(in)
	p.inFlight.Add(1)
	if r.plan.Load() != plan {
		p.inFlight.Add(-1)
		return nil
	}
	return p
}

// try sends a request that was begun to an instance, and answers it; false: nothing was done there.
func (r *Router) try(w http.ResponseWriter, req *http.Request, p *peer, in *wire.Routed, pin string, body []byte) bool {
	defer p.inFlight.Add(-1)
	sent := time.Now()
	answer, err := r.client.RoundTrip(outgoing(req, in, pin, body))
	if err != nil {
		switch {
		case req.Context().Err() != nil:
			r.metrics.count(in.ID, reasonGone, pin)
			panic(http.ErrAbortHandler) // nobody waits for an answer
		case untouched(err) || p.wasGoing(sent):
			return false
		}
		r.fail(w, in.ID, http.StatusBadGateway, wire.ReasonLost)
		return true
	}
	defer func() { _ = answer.Body.Close() }() // it was read, or its connection is of no more use
	switch reason := answer.Header.Get(wire.Reason); {
	case answer.StatusCode != http.StatusServiceUnavailable:
	case reason == wire.ReasonDraining:
		p.goes()
		return false
	case reason == wire.ReasonNoVersion && answer.Header.Get(wire.Version) == "":
		return false // it has just been taken away there; one that is there and broken is an error
	}
	if p.wasGoing(sent) { // it takes requests again: another process has its address
		p.going.Store(0)
	}
	r.pass(w, in.ID, answer)
	return true
}

// outgoing is the request that an instance gets.
func outgoing(req *http.Request, in *wire.Routed, pin string, body []byte) *http.Request {
	to := *req.URL
	to.Scheme, to.Host = "http", in.Address
	out := (&http.Request{
		Method: req.Method, URL: &to, Host: req.Host, Header: req.Header.Clone(), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		ContentLength: int64(len(body)), Body: http.NoBody,
	}).WithContext(req.Context())
	if len(body) > 0 {
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.Body, _ = out.GetBody() // which never fails
	}
	for _, name := range ofConnection {
		out.Header.Del(name)
	}
	out.Header.Del(wire.Version) // whoever sends a request does not choose it
	if pin != "" {
		out.Header.Set(wire.Version, pin)
	}
	return out
}

// ofConnection are headers that are about one connection.
var ofConnection = []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// untouched says whether an instance cannot have seen a request: nobody listened, or it had
// closed the connection before the request was put on it.
func untouched(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	// net/http does not export this error. It is that of a connection whose end was seen while
	// no request was on it.
	return strings.Contains(err.Error(), "server closed idle connection")
}

// pass gives an answer back.
func (r *Router) pass(w http.ResponseWriter, id string, answer *http.Response) {
	head := w.Header()
	for name, values := range answer.Header {
		head[name] = values
	}
	for _, name := range ofConnection {
		head.Del(name)
	}
	w.WriteHeader(answer.StatusCode)
	if _, err := io.Copy(w, answer.Body); err != nil {
		r.metrics.count(id, wire.ReasonLost, answer.Header.Get(wire.Version))
		panic(http.ErrAbortHandler) // so that nobody takes half an answer for a whole one
	}
	r.metrics.count(id, answer.Header.Get(wire.Reason), answer.Header.Get(wire.Version))
}

// fail answers for an instance; "": for none.
func (r *Router) fail(w http.ResponseWriter, id string, status int, reason string) {
	w.Header().Set(wire.Reason, reason)
	if id != "" {
		w.Header().Set(wire.Instance, id)
	}
	r.metrics.count(id, reason, "")
	http.Error(w, reason, status)
}
