package stack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// FindPrometheus is where the program is on this machine; "": nowhere.
func FindPrometheus() string {
	path, err := exec.LookPath("prometheus")
	if err != nil {
		return ""
	}
	return path
}

// Discovery is how many seconds it takes at most until who counts has found a new instance.
func (s *Stack) Discovery() float64 {
	if s.Prometheus == nil {
		return 0
	}
	return 5 // its pace of taking news of targets, whatever discovery says
}

func (s *Stack) makeManager() *exec.Cmd {
	metrics, router := "own", s.o.Router
	if s.Prometheus != nil {
		metrics = "none"
	}
	if router == "" {
		router = "own"
	}
	return exec.Command(s.o.Host, "manager", "--listen", s.ManagerAt, "--router-listen", s.RouterAt, "--state", hostState(s.o.State),
		"--catalogue", s.o.Catalogue, "--environment", s.o.Environment, "--plugin", s.o.Plugin, "--version", s.o.Version,
		"--instances", strconv.Itoa(s.o.Instances), "--spare", strconv.Itoa(s.o.Instances), "--tenants", strconv.Itoa(s.o.Tenants),
		"--token-file", s.TokenFile(), "--metrics", metrics, "--router", router, "--sandbox=false")
}

func (s *Stack) makeServer() *exec.Cmd {
	return exec.Command(s.o.Hotswap, "serve", "--config", filepath.Join(s.o.State, "hotswap.yaml"))
}

func (s *Stack) makePrometheus() *exec.Cmd {
	return exec.Command(s.o.Prometheus, "--config.file", filepath.Join(s.o.State, "prometheus.yml"), "--storage.tsdb.path", filepath.Join(s.o.State, "prometheus"),
		"--web.listen-address", s.PrometheusAt, "--storage.tsdb.retention.time", "6h", "--log.level", "warn")
}

// write writes the configurations of the server and of the Prometheus.
func (s *Stack) write() error {
	var b strings.Builder
	fmt.Fprintf(&b, "listen: %s\nstate: %s\nenvironments:\n  %s:\n    fleet: {endpoint: \"http://%s\", token_file: %s}\n    plugins: [%s]\n",
		s.ServerAt, filepath.Join(s.o.State, "server"), s.o.Environment, s.ManagerAt, s.TokenFile(), s.o.Plugin)
	if s.Prometheus != nil {
		fmt.Fprintf(&b, "    prometheus: {address: \"http://%s\"}\n", s.PrometheusAt)
	}
	if err := os.WriteFile(filepath.Join(s.o.State, "hotswap.yaml"), []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.o.State, "prometheus.yml"), fmt.Appendf(nil, `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- job_name: instances
  http_sd_configs:
  - url: http://%s/prometheus-targets
    refresh_interval: 1s
    authorization: {type: Bearer, credentials_file: %s} # some versions forget the type that is the default
`, s.ManagerAt, s.TokenFile()), 0o600)
}
