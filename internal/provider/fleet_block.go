package provider

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
)

// The environment variables of what is not a connection's.
const (
	endpointVariable     = "HOTSWAP_ENDPOINT"
	journalVariable      = "HOTSWAP_JOURNAL_PATH"
	environmentsVariable = "HOTSWAP_ALLOWED_ENVIRONMENTS"
	concurrencyVariable  = "HOTSWAP_MAX_CONCURRENCY"
	controllerVariable   = "HOTSWAP_CONTROLLER_ENDPOINT"
	blockingVariable     = "HOTSWAP_MAX_BLOCKING_WAIT"
)

// kind is which fleet the provider was given.
type kind string

const (
	noFleet        kind = ""
	simulatedFleet kind = "simulated"
	realFleet      kind = "fleet"
	throughServer  kind = "controller"
)

// kind is which fleet m means. Two at once are an error.
func (m *providerModel) kind(diags *diag.Diagnostics) kind {
	var given []string
	for _, one := range []struct {
		kind  kind
		block types.Object
	}{{simulatedFleet, m.Simulated}, {realFleet, m.Fleet}, {throughServer, m.Controller}} {
		if !one.block.IsNull() {
			given = append(given, string(one.kind))
		}
	}
	switch {
	case len(given) > 1:
		diags.AddAttributeError(path.Root(given[1]), "Two fleets", fmt.Sprintf("The provider has %s, and deploys to one of them: take the others away. A second provider "+
			"block with an alias can have another.", strings.Join(given, " and ")))
		return noFleet
	case len(given) == 1:
		m.needless(kind(given[0]), diags)
		return kind(given[0])
	case os.Getenv(controllerVariable) != "" && os.Getenv(endpointVariable) != "":
		diags.AddError("Two fleets", fmt.Sprintf("The environment variables %s and %s name one each: take one of them away.", controllerVariable, endpointVariable))
		return noFleet
	case os.Getenv(controllerVariable) != "":
		return throughServer
	case os.Getenv(endpointVariable) != "":
		return realFleet
	}
	return noFleet
}

// needless says which blocks are for fleets that the provider reaches itself, and do nothing
// beside another one.
func (m *providerModel) needless(k kind, diags *diag.Diagnostics) {
	beside := map[kind][2]string{
		simulatedFleet: {"Nothing for a simulated fleet", "is for a real fleet, and the simulated one beside it counts its traffic and keeps its journals itself"},
		throughServer:  {"Nothing for a controller", "is for a fleet that the provider reaches itself, and the controller beside it knows who counts and who remembers"},
	}
	text, needless := beside[k]
	if !needless {
		return
	}
	for name, block := range map[string]types.Object{"prometheus": m.Prometheus, "journal": m.Journal} {
		if !block.IsNull() {
			diags.AddAttributeError(path.Root(name), text[0], fmt.Sprintf("%s: %s: take one of the two away.", name, text[1]))
		}
	}
}

// readController reads how a controller is reached, and says all that is wrong with it.
func (m *providerModel) readController(version string, diags *diag.Diagnostics) connect.Settings {
	r := reach{block: blockOf(m.Controller, "controller"), variables: controllerVariables, getenv: os.Getenv, diags: diags}
	s := r.settings("endpoint", "terraform-provider-hotswap/"+version)
	s.AddressName, s.MaxConcurrency = "endpoint", m.concurrency(diags)
	if s.Timeout == 0 {
		s.Timeout = controllerTimeout
	}
	if s.MaxConcurrency == 0 {
		s.MaxConcurrency = controllerConcurrency
	}
	addProblems(diags, path.Empty(), invalidConnection, s.Check())
	return s
}

// controllerTimeout is that of a request to a controller, and controllerConcurrency how many
// are under way: some of them wait for something to happen.
const (
	controllerTimeout     = time.Minute
	controllerConcurrency = 64
)

// blockingWait is how long an apply waits by default for what goes on without it.
func (m *providerModel) blockingWait(diags *diag.Diagnostics) time.Duration {
	said := os.Getenv(blockingVariable)
	if !m.MaxBlockingWait.IsNull() {
		said = m.MaxBlockingWait.ValueString()
	}
	if said == "" || m.MaxBlockingWait.IsUnknown() {
		return usualBlockingWait
	}
	d, err := engine.ParseDuration(said)
	if err != nil || d < 0 {
		diags.AddAttributeError(path.Root("max_blocking_wait"), invalidConnection, "max_blocking_wait: "+engine.Shortened(said)+
			" is not a length of time (it may come from the environment variable "+blockingVariable+").")
		return usualBlockingWait
	}
	return d
}

// readFleet reads how a real fleet is reached, and says all that is wrong with it.
func (m *providerModel) readFleet(ctx context.Context, version string, diags *diag.Diagnostics) fleet.Settings {
	r := reach{block: blockOf(m.Fleet, "fleet"), variables: fleetVariables, getenv: os.Getenv, diags: diags}
	s := fleet.Settings{API: r.settings("endpoint", "terraform-provider-hotswap/"+version), JournalPath: cmp.Or(member(m.Journal, "path"), os.Getenv(journalVariable))}
	s.API.AddressName, s.API.MaxConcurrency = "endpoint", m.concurrency(diags)
	s.Prometheus = m.readPrometheus(ctx, version, os.Getenv, diags)
	addProblems(diags, path.Empty(), invalidConnection, s.Check())
	return s
}

// concurrency is how many requests are under way at a time; 0: the default.
func (m *providerModel) concurrency(diags *diag.Diagnostics) int {
	said := os.Getenv(concurrencyVariable)
	if !m.MaxConcurrency.IsNull() {
		said = strconv.FormatInt(m.MaxConcurrency.ValueInt64(), 10)
	}
	if said == "" || m.MaxConcurrency.IsUnknown() {
		return 0
	}
	n, err := strconv.Atoi(said)
	if err != nil || n < 1 || n > 1000 {
		diags.AddAttributeError(path.Root("max_concurrency"), invalidConnection, "max_concurrency: "+sentence(engine.Shortened(said)+" is not in 1..1000 (it may come from the environment variable "+concurrencyVariable+")"))
		return 0
	}
	return n
}

// environments are those that may be deployed to; nil: all.
func (m *providerModel) environments() (names []string) {
	if said := os.Getenv(environmentsVariable); m.AllowedEnvironments.IsNull() && said != "" {
		for name := range strings.SplitSeq(said, ",") {
			names = append(names, strings.TrimSpace(name))
		}
		return names
	}
	for _, v := range m.AllowedEnvironments.Elements() {
		if s, ok := v.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			names = append(names, s.ValueString())
		}
	}
	return names
}

// checkEnvironments says which of those that may be deployed to cannot be names.
func (m *providerModel) checkEnvironments(diags *diag.Diagnostics) {
	for i, name := range m.environments() {
		for _, p := range engine.Environment(name).Check() {
			diags.AddAttributeError(path.Root("allowed_environments").AtListIndex(i), invalidConnection, "allowed_environments: "+p.Value+" "+p.Rule+" (it may come from the environment variable "+environmentsVariable+").")
		}
	}
}

// allowedWorlds are the worlds of some environments alone.
type allowedWorlds struct {
	worlds
	only []string
}

func (a allowedWorlds) peek(ctx context.Context, e engine.Environment, plugin string) (view, error) {
	if err := a.refuse(e); err != nil {
		return nil, err
	}
	return a.worlds.peek(ctx, e, plugin)
}

func (a allowedWorlds) open(ctx context.Context, e engine.Environment, plugin string) (world, error) {
	if err := a.refuse(e); err != nil {
		return nil, err
	}
	return a.worlds.open(ctx, e, plugin)
}

// allows says whether an environment may be touched.
func (a allowedWorlds) allows(e engine.Environment) bool { return slices.Contains(a.only, string(e)) }

// refuse is why an environment may not be touched; nil: it may.
func (a allowedWorlds) refuse(e engine.Environment) error {
	if a.allows(e) {
		return nil
	}
	return engine.Problem{Path: "environment", Value: strconv.Quote(string(e)), Rule: "is not one of the provider's allowed_environments, " + strings.Join(a.only, ", ")}
}
