package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// SetFaults has versions misbehave: these are all that do.
func (s *Stack) SetFaults(ctx context.Context, faults []wire.Fault) error {
	text, err := json.Marshal(wire.Faults{Faults: faults})
	if err != nil {
		return err
	}
	return s.ask(ctx, http.MethodPut, "/faults", text, nil)
}

// Kill kills a process at once, as kill -9 does: manager, prometheus, server, or router,
// instance or plugin, of which it takes the first one that there is.
func (s *Stack) Kill(ctx context.Context, what string) (who string, err error) {
	for _, c := range s.Children() {
		if c.Name == what {
			return c.Name, c.Kill()
		}
	}
	all, err := s.Processes(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range all {
		if p.Kind != what {
			continue
		}
		found, err := os.FindProcess(p.PID)
		if err != nil {
			return "", err
		}
		return p.Name, found.Kill()
	}
	return "", fmt.Errorf("no %s runs here", what)
}

// Processes are those of the host, as its manager says.
func (s *Stack) Processes(ctx context.Context) ([]wire.Process, error) {
	var all wire.Processes
	err := s.ask(ctx, http.MethodGet, "/processes", nil, &all)
	return all.Processes, err
}

// ask asks the manager.
func (s *Stack) ask(ctx context.Context, method, path string, body []byte, to any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.ManagerAt+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	const most = 8 << 20
	text, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, strings.TrimSpace(string(text)))
	}
	if to == nil {
		return nil
	}
	return json.Unmarshal(text, to)
}
