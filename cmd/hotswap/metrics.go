package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/common/config"
	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// metricsFlags say which Prometheus is asked about what.
type metricsFlags struct {
	address, environment, plugin   string
	tokenFile, httpConfig, queries string
	allowHTTP                      bool
	timeout                        time.Duration
	outputs
}

func metricsCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "Find out what a Prometheus lets rollouts be judged by",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(metricsCheckCommand(c))
	return cmd
}

func metricsCheckCommand(c *console) *cobra.Command {
	var f metricsFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Run every query once, and say what is there and what is missing",
		Long: `Ask a Prometheus, or what speaks its API, every question that rollouts of a plugin
in an environment are judged by, once, and say what came: how many series, how old
their samples are, how often they come, against which bounds latencies are counted,
how many instances report, what can be checked with that, and what has to be exposed
for the rest. Nothing is changed.

The file for --queries is YAML with queries, labels, params, scrape_interval, delay,
duration_unit and max_series; the one for --http-config is what Prometheus itself
takes for connections: basic_auth, authorization, oauth2, tls_config, proxy_url,
http_headers.

Exit codes: 0 rollouts can be judged by their traffic, 1 they cannot, 2 the input is
wrong or there is no answer.`,
		Example: `  hotswap metrics check --address http://localhost:9090 --environment Production --plugin payment-processor-stripe
  hotswap metrics check --address https://prometheus.example.com --environment QA --plugin tax --token-file token --json -
  hotswap metrics check --address https://mimir.example.com/prometheus --environment QA --plugin tax --http-config http.yaml --queries queries.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := writable(f.targets()); err != nil {
				return err
			}
			s, err := f.settings()
			if err != nil {
				return err
			}
			return c.checkMetrics(cmd.Context(), s, &f.outputs)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.address, "address", "", "address of the Prometheus, as https://prometheus.example.com")
	flags.StringVar(&f.environment, "environment", "", "the environment that is rolled out to, as Production")
	flags.StringVar(&f.plugin, "plugin", "", "the id of the plugin")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with a bearer token")
	flags.StringVar(&f.httpConfig, "http-config", "", "file that says how to connect, as Prometheus has it")
	flags.StringVar(&f.queries, "queries", "", "file with queries and labels of your own")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "allow http to another machine")
	flags.DurationVar(&f.timeout, "timeout", 0, "of one question and its answer (default 30s)")
	f.add(cmd, "what was found")
	return cmd
}

// settings are what the flags say. All that is wrong with them is told at once.
func (f *metricsFlags) settings() (prom.Settings, error) {
	s := prom.Settings{
		Settings: connect.Settings{
			Path: "prometheus", Address: f.address, AllowHTTP: f.allowHTTP, Timeout: f.timeout, HTTP: config.DefaultHTTPClientConfig,
			UserAgent: "hotswap/" + version(),
		},
		Environment: f.environment, Plugin: f.plugin,
	}
	var wrong []error
	for _, needed := range []struct{ flag, value string }{{"environment", f.environment}, {"plugin", f.plugin}} {
		if needed.value == "" {
			wrong = append(wrong, fmt.Errorf("--%s is missing", needed.flag))
		}
	}
	if f.httpConfig != "" {
		if h, _, err := config.LoadHTTPConfigFile(f.httpConfig); err != nil {
			wrong = append(wrong, fmt.Errorf("--http-config: %w", err))
		} else {
			s.HTTP = *h
		}
	}
	if f.tokenFile != "" {
		s.HTTP.Authorization = &config.Authorization{Type: "Bearer", CredentialsFile: f.tokenFile}
	}
	if f.queries != "" {
		data, err := os.ReadFile(f.queries)
		if err == nil {
			err = s.Read(data)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("--queries: %w", err))
		}
	}
	if ps := s.Check(); len(ps) > 0 {
		wrong = append(wrong, ps)
	}
	return s, errors.Join(wrong...)
}

// checkMetrics asks every question once, and tells what came.
func (c *console) checkMetrics(ctx context.Context, s prom.Settings, o *outputs) error {
	m, err := prom.New(s)
	if err != nil {
		return err
	}
	defer m.Close()
	var clock walker.Time
	r, err := m.Report(ctx, clock.Now())
	if err != nil {
		return err
	}
	all := checkedOf(r)
	sum := summary{name: "hotswap metrics check", checks: []check{{name: "rollouts can be judged by their traffic", remark: "they can", wrong: all.against()}}, body: all.tables()}
	if err := c.tell(o, told{all, sum}, func() { c.printMetrics(engine.Visible(s.Address), all) }); err != nil {
		return err
	}
	if !all.Usable {
		return errUnexpected
	}
	return nil
}
