package prom

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
)

// identify finds out who answers: the name and version that it has for itself, "" where it
// has none. The error says what it is instead of a Prometheus.
func (a *api) identify(ctx context.Context, at int64) (string, error) {
	if _, err := a.ask(ctx, "query", url.Values{"query": {"vector(1)"}, "time": {stamp(at)}}); err != nil {
		var f *connect.Fault
		if errors.As(err, &f) && f.Status != 0 && f.Kind != connect.Grafana && a.grafana(ctx) {
			return "", connect.GrafanaInstead(f)
		}
		return "", err
	}
	data, err := a.get(ctx, "api", "v1", "status", "buildinfo")
	var of struct {
		Data struct{ Application, Version string }
	}
	if err != nil || json.Unmarshal(data, &of) != nil {
		return "", nil //nolint:nilerr // it answers questions, and need not say what it is
	}
	name := of.Data.Application
	if name == "" {
		name = "Prometheus"
	}
	return strings.TrimSpace(name + " " + of.Data.Version), nil
}

// get is what lies at a path.
func (a *api) get(ctx context.Context, path ...string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.client.URL(path...).String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := a.client.Fetch(req, 1<<16)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// grafana says whether it is a Grafana, whose errors do not say so.
func (a *api) grafana(ctx context.Context) bool {
	body, err := a.get(ctx, "api", "health")
	var of struct{ Database, Version string }
	return err == nil && json.Unmarshal(body, &of) == nil && of.Database != "" && of.Version != ""
}
