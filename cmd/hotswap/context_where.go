package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
)

// serverFlags say which rollout server is meant.
type serverFlags struct {
	reach      reachFlags
	controller string
	context    string
}

func (f *serverFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.controller, "controller", "", "address of the rollout server, what comes before /v1 (default: HOTSWAP_CONTROLLER_ENDPOINT, or that of the context)")
	flags.StringVar(&f.context, "context", "", "context that says which rollout server, see hotswap context (default: HOTSWAP_CONTEXT, or the current one)")
	f.reach.path, f.reach.variables = "controller", "HOTSWAP_CONTROLLER_"
	f.reach.addCredentials(cmd)
	mustComplete(cmd, "context", completeContexts)
}

// chosen is a rollout server that was found, and what is known of how to reach it.
type chosen struct {
	address, from string
	own           credentials
}

// choose finds out which server is meant: what flags say, then the environment, then the
// context. An empty address: nothing says so.
func (f *serverFlags) choose() (chosen, error) {
	if f.controller != "" && f.context != "" {
		return chosen{}, errors.New("--controller and --context: only one of them says where the server is")
	}
	if f.controller != "" {
		return chosen{address: f.controller, from: "--controller"}, nil
	}
	if f.context == "" && os.Getenv("HOTSWAP_CONTROLLER_ENDPOINT") != "" {
		return chosen{address: os.Getenv("HOTSWAP_CONTROLLER_ENDPOINT"), from: "HOTSWAP_CONTROLLER_ENDPOINT"}, nil
	}
	file, err := readContexts()
	if err != nil {
		return chosen{}, err
	}
	name, from := f.context, "--context"
	if name == "" {
		name, from = os.Getenv("HOTSWAP_CONTEXT"), "HOTSWAP_CONTEXT"
	}
	if name == "" {
		name, from = file.Current, file.path+": current"
	}
	if name == "" {
		return chosen{}, nil
	}
	s, err := file.named(name, from)
	if err != nil {
		return chosen{}, err
	}
	own, err := s.credentials(fmt.Sprintf("context %s in %s", name, file.path))
	own.first = f.context != ""
	return chosen{address: s.Controller, from: own.from, own: own}, err
}

// credentials are those that a context names.
func (s *contextSpec) credentials(from string) (credentials, error) {
	own := credentials{from: from, tokenFile: s.TokenFile, caFile: s.CAFile, httpConfig: s.HTTPConfig, allowHTTP: s.AllowHTTP}
	if s.TokenEnv != "" {
		if own.token = os.Getenv(s.TokenEnv); own.token == "" {
			return own, fmt.Errorf("%s: token_env: %s is not set", from, s.TokenEnv)
		}
	}
	return own, nil
}

// reachable says what is wrong with a context's address.
func (s *contextSpec) reachable() engine.Problems {
	return connect.Settings{Path: "context", AddressName: "controller", Address: s.Controller, AllowHTTP: s.AllowHTTP}.Check()
}

// open reaches the server. from says where the token comes from.
func (f *serverFlags) open() (api *client.Client, from string, err error) {
	at, err := f.choose()
	if err != nil {
		return nil, "", err
	}
	if at.address == "" {
		return nil, "", errors.New("no rollout server is named: give --controller, set HOTSWAP_CONTROLLER_ENDPOINT, or make a context with hotswap context set NAME --controller URL")
	}
	s, from, err := f.reach.reach(at.address, at.own)
	if err != nil {
		return nil, from, fmt.Errorf("%s: %w", at.from, err)
	}
	api, err = client.New(s)
	return api, from, err
}

// run reaches the server for do.
func (f *serverFlags) run(ctx context.Context, do func(*client.Client) error) error {
	api, from, err := f.open()
	if err != nil {
		return err
	}
	defer api.Close()
	return refused(explained(mistaken(ctx, api, do(api)), from))
}

// mistaken is the error of what was not found at a server that is none: then that is what is wrong.
func mistaken(ctx context.Context, api *client.Client, err error) error {
	if !client.Is(err, fleetcontract.NotFound) {
		return err
	}
	var none *client.NoServerError
	if _, told := api.Service(ctx); errors.As(told, &none) {
		return none
	}
	return err
}

// explained says of an error about credentials where those came from.
func explained(err error, from string) error {
	var f *connect.Fault
	if !errors.As(err, &f) || f.Kind != connect.Login && f.Kind != connect.NoSecret {
		return err
	}
	if from == "" {
		return fmt.Errorf("%w No token was found: give --token-file, set HOTSWAP_CONTROLLER_TOKEN_FILE or HOTSWAP_CONTROLLER_TOKEN, or use hotswap login", err)
	}
	return fmt.Errorf("%w The credentials are those of %s", err, from)
}

// whereFlags say where rollouts are.
type whereFlags struct {
	serverFlags

	endpoint, journal, prometheus, prometheusConfig, queries string
	state, scenario                                          string
	timeScale                                                float64
	world                                                    worldFlags

	given func() string // see flagsGiven
}

func (f *whereFlags) add(cmd *cobra.Command) {
	f.serverFlags.add(cmd)
	f.given = func() string { return flagsGiven(cmd) }
	flags := cmd.Flags()
	flags.StringVar(&f.endpoint, "endpoint", "", "address of a fleet's API instead, what comes before /v1 (default: HOTSWAP_ENDPOINT)")
	flags.StringVar(&f.journal, "journal", "", "folder of the journals of a fleet that keeps none")
	flags.StringVar(&f.prometheus, "prometheus", "", "address of the Prometheus that counts the traffic of a fleet that does not")
	flags.StringVar(&f.prometheusConfig, "prometheus-http-config", "", "file that says how to connect to it, as Prometheus has it")
	flags.StringVar(&f.queries, "queries", "", "file with queries and labels of your own for it")
	flags.StringVar(&f.state, "state", "", "folder of simulated fleets instead, as the provider's state_path")
	flags.StringVar(&f.scenario, "scenario", "", "scenario that a simulated fleet is made of that is not in the folder yet")
	flags.Float64Var(&f.timeScale, "time-scale", 0, "seconds of a simulated fleet for each real one while it is walked from here; 0: as fast as it goes")
	f.world.add(cmd)
	mustComplete(cmd, "environment", completeEnvironments(f))
	mustComplete(cmd, "plugin", completePlugins(f))
}

// kinds are the flags that say where rollouts are, of which one may be given.
func (f *whereFlags) kinds() []string {
	var given []string
	for _, k := range []struct{ flag, value string }{{"--controller", f.controller}, {"--context", f.context}, {"--endpoint", f.endpoint}, {"--state", f.state}} {
		if k.value != "" {
			given = append(given, k.flag)
		}
	}
	return given
}

// open finds the place.
func (f *whereFlags) open() (p site, from string, err error) {
	given := f.kinds()
	if len(given) > 1 {
		return nil, "", fmt.Errorf("%s: only one of them says where the rollouts are", strings.Join(given, " and "))
	}
	server, endpoint := os.Getenv("HOTSWAP_CONTROLLER_ENDPOINT"), os.Getenv("HOTSWAP_ENDPOINT")
	if len(given) == 0 && server != "" && endpoint != "" {
		return nil, "", errors.New("HOTSWAP_CONTROLLER_ENDPOINT and HOTSWAP_ENDPOINT are both set: say with --controller or --endpoint which one is meant")
	}
	switch {
	case f.state != "":
		return &local{worlds: &folderWorlds{f.state, f.scenario, f.timeScale}, what: f.state, environment: f.world.environment, plugin: f.world.plugin, flags: f.given()}, "", nil
	case f.endpoint != "" || len(given) == 0 && endpoint != "":
		return f.fleet(cmp.Or(f.endpoint, endpoint))
	}
	at, err := f.choose()
	if err != nil {
		return nil, "", err
	}
	if at.address == "" {
		return nil, "", errors.New("nothing says where the rollouts are: name a rollout server with --controller or hotswap context set, a fleet with --endpoint, or a folder of simulated fleets with --state")
	}
	api, from, err := f.serverFlags.open()
	if err != nil {
		return nil, from, err
	}
	return &controller{api, f.given()}, from, nil
}

// fleet is the place of a fleet.
func (f *whereFlags) fleet(address string) (site, string, error) {
	reach := f.reach
	reach.path, reach.name, reach.variables = "fleet", "endpoint", "HOTSWAP_"
	s, from, err := reach.reach(address, credentials{})
	if err != nil {
		return nil, from, err
	}
	settings := fleet.Settings{API: s, JournalPath: f.journal}
	if f.prometheus != "" {
		m := metricsFlags{
			address: f.prometheus, environment: f.world.environment, plugin: f.world.plugin, httpConfig: f.prometheusConfig, queries: f.queries,
			allowHTTP: f.reach.allowHTTP,
		}
		counts, err := m.settings()
		if err != nil {
			return nil, from, err
		}
		settings.Prometheus = &counts
	}
	reached, err := fleet.Open(settings)
	if err != nil {
		return nil, from, err
	}
	own := &local{worlds: &fleetWorlds{reached, map[addressed]*fleetWorld{}}, what: "the fleet", environment: f.world.environment, plugin: f.world.plugin, flags: f.given()}
	if _, _, err := own.address(); err != nil {
		own.Close()
		return nil, from, err
	}
	return own, from, nil
}

// run finds the place for do.
func (f *whereFlags) run(ctx context.Context, do func(context.Context, site) error) error {
	p, from, err := f.open()
	if err != nil {
		return err
	}
	defer p.Close()
	err = do(ctx, p)
	if c, ok := p.(*controller); ok {
		err = mistaken(ctx, c.api, err)
	}
	return refused(explained(err, from))
}
