package manager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
)

// The sandbox: a plugin of its own, which nobody depends on, on real processes.
const (
	sandboxEnvironment = "Development"
	sandboxPlugin      = "conformance"
	sandboxInstances   = 3
	sandboxTenants     = 10
	sandboxSettle      = 30 * time.Second
	sandboxPause       = 20 * time.Millisecond // between two requests
)

var sandboxVersions = [2]string{"1.0.0", "1.1.0"}

// sandbox are the settings of the sandbox. Both of its versions run what the version of
// --version runs, by a catalogue that is written here.
func (o *Options) sandbox(token string) (Settings, error) {
	s := o.settings(token)
	s.Environment, s.Plugin = sandboxEnvironment, sandboxPlugin
	s.Dir = filepath.Join(o.State, "worlds", sandboxEnvironment, sandboxPlugin)
	s.Folder = filepath.Join(o.State, "sandbox")
	s.Catalogue = func(version string) error { return o.Check(s.Folder, sandboxPlugin, version) }
	s.Version, s.Instances, s.Tenants, s.Spare = sandboxVersions[0], sandboxInstances, sandboxTenants, 2
	s.Listen, s.Log = "127.0.0.1:0", o.logOf(sandboxEnvironment, sandboxPlugin)
	for _, version := range sandboxVersions {
		if err := s.borrow(filepath.Join(o.Catalogue, o.Plugin, o.Version), filepath.Join(s.Folder, sandboxPlugin, version)); err != nil {
			return s, fmt.Errorf("the sandbox cannot be made: %w", err)
		}
	}
	return s, nil
}

// borrow writes a version into a folder that runs what another one does, without what that
// does wrong.
func (s *Settings) borrow(from, to string) error {
	text, err := os.ReadFile(filepath.Join(from, "plugin.json"))
	if err != nil {
		return err
	}
	var v struct {
		Kind      string  `json:"kind"`
		File      string  `json:"file"`
		LatencyMS float64 `json:"latencyMs,omitempty"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	if v.File != "" && !filepath.IsAbs(v.File) {
		if v.File, err = filepath.Rel(to, filepath.Join(from, v.File)); err != nil {
			return err
		}
	}
	v.LatencyMS = 1
	if text, err = json.Marshal(v); err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	return durable.Write(filepath.Join(to, "plugin.json"), text, 0o600)
}

// traffic sends a few requests a second through the router, until ctx is done.
func (w *World) traffic(ctx context.Context) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	for n := 0; ctx.Err() == nil; n++ {
		pause(ctx, sandboxPause)
		if at := w.router.Address(); at != "" {
			_ = send(ctx, client, at, fmt.Sprintf("tenant-%03d", n%sandboxTenants+1)) // what fails is counted by who served it
		}
	}
}

// send sends a payment.
func send(ctx context.Context, client *http.Client, at, tenant string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+at+"/pay", strings.NewReader(`{"amount": 1250}`))
	if err != nil {
		return err
	}
	req.Header.Set(wire.Tenant, tenant)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	return errors.Join(err, res.Body.Close())
}
