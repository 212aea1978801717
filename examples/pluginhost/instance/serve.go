package instance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// Bounds of what is taken.
const (
	mostBody   = 64 << 10
	mostTenant = 128
)

// defaultAmount is that of a request without a body, in cents.
const defaultAmount = 100

// payment is the body of a request that is served.
type payment struct {
	Amount int64 `json:"amount"` // in cents
}

// serve serves a request by a plugin, whatever its path.
func (i *Instance) serve(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	w.Header().Set(wire.Instance, i.options.ID)
	tenant := r.Header.Get(wire.Tenant)
	if tenant == "" || len(tenant) > mostTenant {
		http.Error(w, fmt.Sprintf("the header %s is missing, or longer than %d", wire.Tenant, mostTenant), http.StatusBadRequest)
		return
	}
	amount, err := amountOf(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !i.gate.enter() {
		w.Header().Set("Connection", "close")
		refuse(w, http.StatusServiceUnavailable, wire.ReasonDraining, "the instance is going")
		return
	}
	defer i.gate.leave()
	held, loaded, err := i.shelf.acquire(r.Header.Get(wire.Version))
	if held == nil {
		refuse(w, http.StatusServiceUnavailable, wire.ReasonNoVersion, err.Error())
		return
	}
	h := happened{version: held.version.Version, tenant: tenant, inPlugin: -1, outcome: failure}
	w.Header().Set(wire.Version, h.version)
	if err != nil { // it is meant to serve, and does not: that is its error
		h.took = time.Since(begun)
		i.tallies.add(h)
		refuse(w, http.StatusServiceUnavailable, wire.ReasonNoVersion, err.Error())
		return
	}
	defer held.release()
	i.ask(w, loaded, plugin.Request{Tenant: tenant, Amount: amount}, h, begun)
}

// amountOf is the amount that a request has in its body.
func amountOf(w http.ResponseWriter, r *http.Request) (int64, error) {
	if r.ContentLength == 0 {
		return defaultAmount, nil
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		return 0, err
	}
	p := payment{Amount: defaultAmount}
	if len(text) == 0 {
		return p.Amount, nil
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return 0, fmt.Errorf(`the body wants to be like {"amount": 1250}, in cents: %w`, err)
	}
	return p.Amount, nil
}

// ask has the plugin serve a request, counts it, and answers. It is served to its end also
// where nobody waits for the answer any more: a payment is one, and so is its error.
func (i *Instance) ask(w http.ResponseWriter, loaded plugin.Loaded, r plugin.Request, h happened, begun time.Time) {
	ctx, cancel := context.WithDeadline(context.Background(), begun.Add(i.options.Timeout))
	defer cancel()
	asked := time.Now()
	response, err := loaded.Serve(ctx, r)
	h.inPlugin, h.took = time.Since(asked), time.Since(begun)
	var own *plugin.Error
	status, reason, text := http.StatusOK, "", ""
	switch {
	case err == nil:
		h.outcome, h.converted = success, response.Converted
	case errors.As(err, &own):
		status, reason, text = http.StatusInternalServerError, wire.ReasonPlugin, own.Text
	case errors.Is(err, context.DeadlineExceeded):
		h.outcome = timeout
		status, reason, text = http.StatusGatewayTimeout, wire.ReasonTimeout, fmt.Sprintf("no answer in %v", i.options.Timeout)
	default:
		status, reason, text = http.StatusBadGateway, wire.ReasonCrashed, err.Error()
	}
	i.tallies.add(h)
	if i.gate.isShut() { // the next request of this connection would come too late
		w.Header().Set("Connection", "close")
	}
	if reason != "" {
		refuse(w, status, reason, text)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, response.Text+"\n")
}

// refuse answers without success, and says why in a word and in a line.
func refuse(w http.ResponseWriter, status int, reason, text string) {
	w.Header().Set(wire.Reason, reason)
	http.Error(w, text, status)
}
