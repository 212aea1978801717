package arrows

// module is the import path of this repository's root package.
const module = "github.com/hotswap-io/terraform-provider-hotswap"

// A row says what the files of one package may import. It binds that package alone: a package in a folder below has a
// row of its own.
type row struct {
	pkg string // path below the module; "." is the root
	why string // printed with every violation

	internal []string       // packages of this repository it may import, below the module
	external []string       // packages it may import that are not this repository's, nor the standard library's; "x/..." means x and all below
	banned   map[string]why // packages of the standard library it may not import; "x/..." means x and all below
	deep     bool           // what it may not import, its external packages may not import either, at any depth
}

// why is the reason of a rule.
type why = string

// file is a path below the root of the repository.
type file = string

const (
	whyPure = "the engine is a pure core: it compiles and walks plans, and every request, clock and dice roll is handed " +
		"to it, so that the same plan and the same events give the same state everywhere"
	whySystem    = "the engine knows no operating system: journals are a port, and internal/journal/file fills it"
	whyReplay    = "the same seed must give the same trace, byte for byte"
	whyTerraform = "Terraform's types never leave internal/provider, so that the engine, the simulator and the command " +
		"line can be used, tested and changed without Terraform"
)

// notReplayable are the packages of the standard library that make a run differ from its replay.
func notReplayable(more map[string]why) map[string]why {
	banned := map[string]why{
		"math/rand":    "random numbers come from a generator that is passed in: " + whyReplay,
		"crypto/rand":  "random numbers come from a generator that is passed in: " + whyReplay,
		"hash/maphash": "its seed differs in every process: " + whyReplay,
		"log/...":      "a library returns what it has to say; whoever calls it decides what is printed",
		"os/exec":      "nothing below the provider starts a program",
		"net/...":      "a fleet is reached through a port; the network is on the other side of it",
	}
	for pkg, reason := range more {
		banned[pkg] = reason
	}
	return banned
}

var rows = []row{
	{
		pkg:      "internal/engine",
		why:      whyPure,
		internal: []string{"internal/meanwhile"},
		external: []string{"gonum.org/v1/gonum/mathext"}, // not stat/distuv: it pulls in math/rand
		banned: notReplayable(map[string]why{
			"math/rand/v2":  "random numbers come from a generator that is passed in: " + whyReplay,
			"os":            whySystem,
			"syscall":       whySystem,
			"io/fs":         whySystem,
			"path/filepath": whySystem,
		}),
		deep: true,
	},
	{
		pkg:    "internal/meanwhile",
		why:    "a value is worked out beside what follows; what it is, only who asks knows",
		banned: notReplayable(map[string]why{"math/rand/v2": "it draws nothing: " + whyReplay, "time": "it waits for nothing but the value"}),
		deep:   true,
	},
	{
		pkg:      "internal/journal/file",
		why:      "a folder of files is one way to keep journals: it knows the engine, whose port it fills, and the engine does not know it",
		internal: []string{"internal/engine", "internal/filelock"},
		banned:   notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg:    "internal/filelock",
		why:    "a lock is the system's, and knows nothing of what is locked",
		banned: notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg:    "internal/durable",
		why:    "a file that outlives the machine is the system's, and knows nothing of what is in it",
		banned: notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg:      "internal/engine/enginetest",
		why:      "the conformance suites test a port from outside, so they need the engine and nothing else of ours",
		internal: []string{"internal/engine"},
		banned:   map[string]why{"math/rand/...": whyReplay, "crypto/rand": whyReplay},
	},
	{
		pkg:      "docs",
		why:      "the documentation knows no code; what programs need of it, they take from here",
		internal: nil,
	},
	{
		pkg:      "internal/fleet",
		why:      "a real fleet is put together here, for the provider and the command line: it knows whoever answers, counts and remembers, and nothing of the simulator",
		internal: []string{"internal/engine", "internal/fleet/client", "internal/fleet/prom", "internal/journal/file", "internal/connect", "internal/walker"},
		banned:   map[string]why{"math/rand": "jitter is passed in", "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg:      "internal/fleet/contract",
		why:      "the words of the contract are shared by client and server: it knows the engine, whose ports it speaks of, and neither half",
		internal: []string{"internal/engine", "docs"},
		external: []string{"github.com/goccy/go-yaml"}, // in its tests
		banned:   notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg:      "internal/fleet/client",
		why:      "a fleet over HTTP is one way to fill the engine's ports: it knows the engine and the contract, and nothing of who answers",
		internal: []string{"internal/engine", "internal/fleet/contract", "internal/connect"},
		external: []string{"github.com/cenkalti/backoff/v5"},
		banned:   map[string]why{"math/rand": "jitter is passed in", "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg:      "internal/exchange",
		why:      "what all our HTTP APIs have in common: it knows the words of problems, and what the engine's errors are in them, and no API",
		internal: []string{"internal/engine", "internal/fleet/contract"},
		banned:   map[string]why{"math/rand/...": "nothing of an answer is random", "os/exec": "it starts nothing"},
	},
	{
		pkg:      "internal/fleet/server",
		why:      "a server puts any fleet, meter and journals behind the contract: it knows the ports, and not what fills them",
		internal: []string{"internal/engine", "internal/durable", "internal/exchange", "internal/fleet/contract", "docs"},
		external: []string{"github.com/klauspost/compress/gzhttp", "github.com/goccy/go-yaml"}, // the last in its tests
		banned:   map[string]why{"math/rand/...": "nothing of an answer is random", "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg: "internal/fleet/simulated",
		why: "a simulated fleet that lives in real time is a world, a clock and a folder: it knows the simulator, what a server wants and how a Prometheus is told, and not the command line",
		internal: []string{
			"internal/engine", "internal/durable", "internal/filelock", "internal/journal/file", "internal/fleet/contract", "internal/fleet/server",
			"internal/simulator",
		},
		external: []string{"github.com/prometheus/client_golang/prometheus/...", "github.com/prometheus/client_model/go"},
		banned:   map[string]why{"math/rand/...": whyReplay, "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg: "internal/fleet/postgresql",
		why: "servers of PostgreSQL are one way to fill the engine's ports: it knows the engine, the driver and how to wait, and nobody who asks",
		internal: []string{
			"internal/engine", "internal/walker",
			"internal/connect", "internal/fleet/conformance", "internal/fleet/contract", "internal/fleet/postgresql/pgfleet", "internal/fleet/server", // in its tests
		},
		external: []string{"github.com/jackc/pgx/v5/...", "github.com/prometheus/common/config"}, // the last in its tests
		banned:   map[string]why{"math/rand/...": "nothing that is asked for is random", "os/exec": "nothing below the provider starts a program", "log/...": "a library returns what it has to say; whoever calls it decides what is printed"},
	},
	{
		pkg:      "internal/fleet/postgresql/pgfleet",
		why:      "real servers of PostgreSQL for the tests of fleets, with an extension, databases and clients: it knows how they are started, and nothing of rollouts",
		internal: []string{"examples/postgresql", "internal/server/store/pgtest", "internal/walker"},
		external: []string{"github.com/jackc/pgx/v5/..."},
	},
	{
		pkg:      "internal/fleet/conformance",
		why:      "the suite asks a fleet from outside, over HTTP: it knows the contract, and no implementation",
		internal: []string{"internal/engine", "internal/fleet/contract", "internal/connect", "internal/walker", "docs"},
		external: []string{"github.com/goccy/go-yaml", "github.com/prometheus/common/config"}, // to read the contract, and to ask with other credentials
		banned:   map[string]why{"math/rand": "what it asks is always the same", "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg:      "internal/simulator",
		why:      "the simulator is a world for the engine to act in: it knows the engine and nothing else but the files that its fleets are kept in, and runs on virtual time",
		internal: []string{"internal/engine", "internal/journal/file", "internal/filelock", "internal/meanwhile", "internal/walker", "internal/simulator/chance", "internal/simulator/kernel", "internal/simulator/traffic", "internal/simulator/watch"},
		banned:   notReplayable(map[string]why{"math/rand/v2": "internal/simulator/chance has the streams: " + whyReplay}),
		deep:     true,
	},
	{
		pkg:    "internal/simulator/chance",
		why:    "random numbers follow from a seed and the laws that they are drawn by: they know nothing of what they decide",
		banned: notReplayable(map[string]why{"math/rand/v2": "it has streams of its own: " + whyReplay}),
		deep:   true,
	},
	{
		pkg:    "internal/simulator/chance/chancetest",
		why:    "statistics of samples, for tests of whatever: it knows nothing, and only tests know it",
		banned: notReplayable(map[string]why{"math/rand/v2": "it draws nothing: " + whyReplay}),
		deep:   true,
	},
	{
		pkg:    "internal/simulator/kernel",
		why:    "a queue says what happens next, whatever that is: it knows no world",
		banned: notReplayable(map[string]why{"math/rand/v2": whyReplay}),
		deep:   true,
	},
	{
		pkg:      "internal/simulator/traffic",
		why:      "traffic sees its fleet through a port of its own, so that what tenants send and what comes of it hangs on no instance, change, fault or event: it knows the laws that it draws by, and the words in which a meter answers",
		internal: []string{"internal/engine", "internal/meanwhile", "internal/simulator/chance"},
		banned:   notReplayable(map[string]why{"math/rand/v2": "internal/simulator/chance has the streams: " + whyReplay}),
		deep:     true,
	},
	{
		pkg:      "internal/simulator/watch",
		why:      "whoever watches a rollout sees a world through a port of its own, so that no checker leans on how worlds are made",
		internal: []string{"internal/engine", "internal/simulator/chance"},
		banned:   notReplayable(map[string]why{"math/rand/v2": whyReplay}),
		deep:     true,
	},
	{
		pkg:      "internal/walker",
		why:      "a walk is the engine's runner and a clock: whoever walks rollouts uses it, and it knows none of them",
		internal: []string{"internal/engine"},
		banned:   notReplayable(map[string]why{"math/rand/v2": "jitter is passed in: " + whyReplay}),
	},
	{
		pkg:      "internal/telling",
		why:      "what happened to a rollout is told in the same words by every front end: it knows the engine and none of them",
		internal: []string{"internal/engine"},
		banned:   notReplayable(map[string]why{"math/rand/v2": whyReplay}),
		deep:     true,
	},
	{
		pkg: "internal/provider",
		why: "the provider is the outermost layer: it may know everything, and it is the only place that knows Terraform",
		internal: []string{
			"internal/engine", "internal/fleet", "internal/fleet/client", "internal/fleet/contract", "internal/fleet/prom", "internal/connect", "internal/journal/file",
			"internal/telling", "internal/walker", "internal/simulator", "internal/simulator/scenario", "internal/simulator/campaign",
			"internal/durable", "internal/server/client", "internal/server/contract", "internal/server/servertest", // the last in its tests
		},
		external: []string{"github.com/hashicorp/...", "github.com/prometheus/common/config"},
		banned:   map[string]why{"math/rand/...": "what is random in a run is the simulator's, derived from the seed: " + whyReplay},
	},
	{
		pkg:      ".",
		why:      "main.go serves the provider, nothing else",
		internal: []string{"internal/provider"},
		external: []string{"github.com/hashicorp/terraform-plugin-framework/providerserver"},
	},
	{
		pkg:      "internal/simulator/scenario",
		why:      "a scenario is a rollout as a file: it knows the simulator and the engine whose words it speaks, and how files are read",
		internal: []string{"internal/engine", "internal/simulator", "internal/simulator/kernel", "internal/simulator/watch", "internal/walker", "internal/yamlfile", "internal/yamlfile/sources"},
		banned:   notReplayable(map[string]why{"math/rand/v2": "what is random in a run is the simulator's: " + whyReplay}),
	},
	{
		pkg:      "internal/server/access",
		why:      "who may come is found out here, for whoever serves: it knows the port of the store, the issuers that it asks through the one way out, and nothing of rollouts",
		internal: []string{"internal/engine", "internal/connect", "internal/durable", "internal/server/store"},
		external: []string{
			"github.com/coreos/go-oidc/v3/oidc", "github.com/go-jose/go-jose/v4", "github.com/prometheus/common/config", "golang.org/x/time/rate",
			"github.com/golang-jwt/jwt/v5", // in its tests, which sign with it what is checked with another
		},
		banned: map[string]why{"math/rand/...": "nothing of a secret can be guessed", "os/exec": "nothing below the provider starts a program", "log/...": "a library returns what it has to say; whoever calls it decides what is printed"},
	},
	{
		pkg: "internal/server/config",
		why: "a configuration becomes the settings of those who do the work, and starts none of them: it knows their settings, and how files are read",
		internal: []string{
			"internal/engine", "internal/connect", "internal/fleet", "internal/fleet/postgresql", "internal/fleet/prom", "internal/fleet/simulated", "internal/server/access", "internal/yamlfile",
			"internal/yamlfile/sources",
		},
		external: []string{"github.com/prometheus/common/config"},
		banned:   map[string]why{"math/rand/...": "nothing of a configuration is random", "os/exec": "nothing below the provider starts a program", "log/...": "a library returns what it has to say; whoever calls it decides what is printed"},
	},
	{
		pkg:      "internal/yamlfile",
		why:      "a file that people write is read strictly, with all that is wrong at once, whatever it is about: it knows YAML, and how the engine shows foreign text",
		internal: []string{"internal/engine"},
		external: []string{"github.com/goccy/go-yaml/..."},
		banned:   notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg:    "internal/yamlfile/sources",
		why:    "what sources say of fields is for the tests of schemas: it reads Go, and knows nobody",
		banned: notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg:      "internal/simulator/campaign",
		why:      "a campaign plays scenarios, and knows nothing of files, pictures or terminals",
		internal: []string{"internal/engine", "internal/simulator", "internal/simulator/chance", "internal/simulator/scenario"},
		banned:   notReplayable(map[string]why{"math/rand/v2": "seeds of runs follow from the campaign's: " + whyReplay}),
	},
	{
		pkg:      "internal/simulator/rules",
		why:      "the rules of other systems are judges like the engine's own: they know what a judge sees, and nothing of worlds",
		internal: []string{"internal/engine"},
		banned:   notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg:      "internal/simulator/swarm",
		why:      "a swarm makes scenarios up and has them played like any other",
		internal: []string{"internal/engine", "internal/simulator", "internal/simulator/chance", "internal/simulator/scenario", "internal/simulator/campaign"},
		banned:   notReplayable(map[string]why{"math/rand/v2": "what a seed means is drawn from the simulator's streams: " + whyReplay}),
	},
	{
		pkg:      "internal/simulator/report",
		why:      "a report draws what was found out, and finds out nothing",
		internal: []string{"internal/engine", "internal/simulator/scenario", "internal/simulator/campaign"},
		banned:   notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg:      "internal/server/retold",
		why:      "a rollout is said in the API's words in one place, for servers and for whoever reads a journal: it knows the words, and neither handlers nor stores",
		internal: []string{"internal/engine", "internal/server/contract", "internal/telling"},
		banned:   map[string]why{"net/http": "what is told does not depend on how it is asked for", "log/...": "a library returns what it has to say; whoever calls it decides what is printed"},
	},
	{
		pkg: "cmd/hotswap",
		why: "the command line is the provider's sibling, and must work without Terraform; it says rollouts in the words of a server's API, whether " +
			"a server tells them or it reads the journals of a fleet or a folder itself, and plans them there as a server does",
		internal: []string{
			"internal/engine", "internal/fleet", "internal/fleet/client", "internal/fleet/contract", "internal/fleet/server", "internal/fleet/conformance", "internal/fleet/prom",
			"internal/fleet/simulated", "internal/connect", "internal/durable", "internal/telling", "internal/walker", "internal/simulator/kernel", "internal/simulator/scenario",
			"internal/simulator", "internal/simulator/campaign", "internal/simulator/rules", "internal/simulator/swarm", "internal/simulator/report", "internal/server/access", "internal/server/config",
			"internal/server/launch", "internal/server/page",
			"internal/server", "internal/server/contract", "internal/server/client", "internal/server/retold",
			"internal/server/store",                                           // which has the word for a rollout that somebody else walks
			"internal/server/servertest", "internal/fleet/postgresql/pgfleet", // in its tests
			"internal/yamlfile", // of which deployments and contexts are
		},
		external: []string{"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term", "github.com/prometheus/common/config", "github.com/prometheus/common/promslog"},
		banned:   map[string]why{"math/rand/...": whyReplay},
	},
	{
		pkg:      "internal/connect",
		why:      "there is one way to reach others, and what it reaches is for whoever uses it to know: it knows the engine's problems and nothing else of ours",
		internal: []string{"internal/engine"},
		external: []string{"github.com/prometheus/common/config", "golang.org/x/oauth2/...", "github.com/golang-jwt/jwt/v5"},
		banned:   map[string]why{"math/rand/...": "ids of requests must not be guessed, nor repeat", "os/exec": "nothing below the provider starts a program", "log/...": "a library returns what it has to say; whoever calls it decides what is printed"},
	},
	{
		pkg:      "internal/fleet/prom",
		why:      "a Prometheus is one way to fill the engine's meter: it knows the engine and how to reach others, and neither knows it",
		internal: []string{"internal/engine", "internal/connect"},
		external: []string{"github.com/goccy/go-yaml", "github.com/prometheus/common/expfmt", "github.com/prometheus/common/model", "github.com/prometheus/client_model/go"},
		banned:   map[string]why{"math/rand/...": whyReplay, "os/exec": "nothing below the provider starts a program", "log/...": "a library returns what it has to say; whoever calls it decides what is printed"},
	},
	{
		pkg:      "internal/fleet/prom/promtest",
		why:      "a real Prometheus for tests, of whatever: it starts a program, waits for it, and knows nothing of what is measured",
		internal: []string{"internal/walker"},
	},
	{
		pkg:      "internal/server/store",
		why:      "what a server remembers is a port, in the words of the engine: who serves, walks and tells uses it, and no database is known",
		internal: []string{"internal/engine"},
		banned:   notReplayable(map[string]why{"math/rand/v2": "nothing of a port is random", "database/sql": "package sql fills the port"}),
	},
	{
		pkg:      "internal/server/store/sql",
		why:      "a database is one way to fill the store's port: it knows the engine, whose journals it keeps, the port, and how to wait, and nobody but the command line knows it",
		internal: []string{"internal/engine", "internal/server/store", "internal/walker"},
		external: []string{"modernc.org/sqlite/...", "github.com/jackc/pgx/v5/..."},
		banned:   map[string]why{"math/rand/...": "a secret must not be guessed", "os/exec": "nothing below the provider starts a program", "log/...": "a library returns what it has to say; whoever calls it decides what is printed"},
	},
	{
		pkg:      "internal/server/store/storetest",
		why:      "the conformance suite asks a store from outside: it knows the port and the engine's suite of journals, and no database",
		internal: []string{"internal/engine", "internal/engine/enginetest", "internal/server/store", "internal/walker"},
		banned:   notReplayable(map[string]why{"math/rand/v2": "what it asks is always the same"}),
	},
	{
		pkg: "internal/server/store/pgtest",
		why: "a real PostgreSQL for tests, of whatever: it starts programs, waits for them, and knows nothing of what is kept",
	},
	{
		pkg: "examples/postgresql",
		why: "the files of an extension for a guide, which tests have as well: it is those files",
	},
	{
		pkg:    "examples/fleet-http",
		why:    "the example is there to be copied out of this repository: it has the standard library, and nothing else",
		banned: map[string]why{"math/rand/...": "nothing of an answer is random", "os/exec": "it starts nothing"},
	},
	{
		pkg:      "internal/server/notify",
		why:      "who hears of a rollout is told over HTTP what the store says is untold: it knows the store's port, the words and the one way to reach others, and nothing of who walks",
		internal: []string{"internal/engine", "internal/server/store", "internal/telling", "internal/connect", "internal/walker"},
		external: []string{"github.com/prometheus/common/config", "github.com/goccy/go-yaml", "github.com/standard-webhooks/standard-webhooks/libraries/go"}, // the last two in its tests
		banned:   map[string]why{"math/rand/...": "jitter that can be guessed is none", "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg:      "internal/server/observe",
		why:      "a server of rollouts is counted and traced from outside: it knows the engine and the store's port, and nothing of who walks, serves or tells",
		internal: []string{"internal/engine", "internal/server/store", "internal/connect", "internal/walker"},
		external: []string{
			"github.com/prometheus/client_golang/prometheus/...", "github.com/prometheus/client_model/go", "github.com/prometheus/common/config", "github.com/goccy/go-yaml",
			"go.opentelemetry.io/otel/...", "go.opentelemetry.io/proto/otlp/trace/v1", "go.opentelemetry.io/proto/otlp/common/v1", "google.golang.org/protobuf/proto",
		},
		banned: map[string]why{"math/rand/...": "nothing that is counted is random"},
	},
	{
		pkg:      "internal/server",
		why:      "rollouts as a service: it knows the engine, how a rollout is walked, and the ports of fleets and of the store; not how it is asked, nor what fills them",
		internal: []string{"internal/engine", "internal/telling", "internal/walker", "internal/server/store"},
		banned: map[string]why{
			"math/rand/...": "jitter is passed in", "os/exec": "nothing below the provider starts a program", "net/...": "a fleet is reached through a port, and requests come through another package",
		},
	},
	{
		pkg:      "internal/server/contract",
		why:      "the words of the API are shared by handler and client: it knows the engine's words and those of a fleet's contract, and neither half",
		internal: []string{"internal/engine", "internal/fleet/contract", "docs"},
		external: []string{"github.com/goccy/go-yaml"}, // in its tests
		banned:   notReplayable(map[string]why{"math/rand/v2": whyReplay}),
	},
	{
		pkg: "internal/server/api",
		why: "requests become calls of the service, for those who may: it knows the service, who may, and the words",
		internal: []string{
			"internal/engine", "internal/exchange", "internal/telling", "internal/walker", "internal/fleet/contract", "internal/fleet/server",
			"internal/server", "internal/server/access", "internal/server/contract", "internal/server/retold", "internal/server/store", "docs",
			"internal/engine/enginetest", "internal/fleet/simulated", "internal/server/client", "internal/server/servertest", // in its tests
		},
		external: []string{"github.com/klauspost/compress/gzhttp", "github.com/goccy/go-yaml"}, // the last in its tests
		banned:   map[string]why{"math/rand/...": "nothing of an answer is random", "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg:      "internal/server/client",
		why:      "a rollout server over HTTP, for whoever asks one: it knows the words and the client of a fleet, whose contract a server speaks too, and nothing of who answers",
		internal: []string{"internal/engine", "internal/connect", "internal/fleet/client", "internal/fleet/contract", "internal/server/contract"},
		banned:   map[string]why{"math/rand/...": "jitter is passed in", "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg: "internal/server/worlds",
		why: "the fleets of a server are put behind its port here: those over HTTP, those of PostgreSQL, and those that are simulated; it knows them, and not who walks",
		internal: []string{
			"internal/engine", "internal/fleet", "internal/fleet/client", "internal/fleet/postgresql", "internal/fleet/simulated", "internal/server", "internal/server/store", "internal/simulator", "internal/walker",
		},
		banned: map[string]why{"math/rand/...": whyReplay, "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg: "internal/server/launch",
		why: "a server is put together here as its configuration says: it knows all parts, and none of them knows it",
		internal: []string{
			"internal/connect", "internal/durable", "internal/engine", "internal/filelock", "internal/fleet/simulated", "internal/server", "internal/server/access",
			"internal/server/api", "internal/server/config", "internal/server/notify", "internal/server/observe", "internal/server/store", "internal/server/store/sql",
			"internal/server/worlds", "internal/simulator/scenario", "internal/walker",
			"internal/fleet/postgresql/pgfleet", // in its tests
		},
		banned: map[string]why{"math/rand/...": "jitter that can be guessed is none", "os/exec": "nothing below the provider starts a program"},
	},
	{
		pkg: "internal/server/servertest",
		why: "a server for tests, of whatever: it knows all parts that such a test needs, and only tests know it",
		internal: []string{
			"internal/connect", "internal/engine", "internal/fleet/simulated", "internal/server", "internal/server/access", "internal/server/api", "internal/server/client",
			"internal/server/store/sql", "internal/server/worlds", "internal/simulator", "internal/walker",
		},
		external: []string{"github.com/prometheus/common/config"},
		banned:   map[string]why{"math/rand/...": whyReplay, "os/exec": "it starts no program"},
	},
	{
		pkg:      "internal/server/page",
		why:      "the page is files that ask the API as anybody does: it knows how answers are written, and nothing of rollouts",
		internal: []string{"internal/exchange", "internal/fleet/contract"},
		banned:   map[string]why{"math/rand/...": "nothing of a page is random", "os/...": "what it serves is embedded", "log/...": "whoever calls it logs requests"},
	},
	{pkg: "internal/arrows", why: "the guard of the arrows depends on none of them"},
}

// A deed is something the code of this repository may do only in named files.
type deed struct {
	name  string
	why   string
	in    []string // packages it binds, below the module; none means all
	only  []file   // files that may all the same
	found func(source) []spot
}

// clockFile is the one file that knows the wall clock.
const clockFile = "internal/walker/clock.go"

// exampleFile is a program of its own, to be copied out of here, with the clock of its machine.
const exampleFile = "examples/fleet-http/main.go"

// meanwhileFiles are those whose work on very many tenants is shared by two processors.
var meanwhileFiles = []file{
	"internal/engine/arrange.go", "internal/engine/check_tenants.go", "internal/engine/columns.go", "internal/engine/digest.go",
	"internal/engine/order.go", "internal/engine/tenants.go", "internal/simulator/change.go", "internal/simulator/traffic/beside.go", "internal/simulator/traffic/tenant.go",
}

// parallelFile starts whole runs of a campaign, each alone in its own world.
const parallelFile = "internal/simulator/campaign/parallel.go"

var deeds = []deed{
	{
		name: "uses the wall clock",
		why: "time is a value that is passed in, and all waiting lives in the machine's wake times; one file turns the wall " +
			"clock into that, so that everything else runs on virtual time and a simulated day takes a moment",
		only: []file{clockFile, exampleFile},
		found: both(
			uses("time", "Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"),
			uses("context", "WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause"),
		),
	},
	{
		name: "starts a goroutine",
		why: "the engine and the simulator are single-threaded by design: the order of everything that happens in them " +
			"comes from the plan, the journal and the event queue, never from a scheduler",
		in: []string{
			"internal/engine", "internal/simulator", "internal/simulator/scenario", "internal/simulator/campaign",
			"internal/simulator/rules", "internal/simulator/swarm", "internal/simulator/report", "internal/simulator/chance", "internal/simulator/kernel",
			"internal/simulator/traffic", "internal/simulator/watch",
		},
		only:  []file{parallelFile},
		found: both(goStatements, uses("sync", "WaitGroup"), uses("context", "AfterFunc")),
	},
	{
		name: "works something out meanwhile",
		why: "whatever happens, happens in one order; these few work out a value of very many tenants, from what nobody changes " +
			"until it is there, so that no scheduler can make it another one",
		only:  meanwhileFiles,
		found: uses(module+"/internal/meanwhile", "Do", "Halves"),
	},
	{
		name: "makes a random generator",
		why: "every stream of random numbers is one of internal/simulator/chance, derived from the seed, so that a run can " +
			"be repeated from its seed and a new stream never shifts another",
		found: both(
			uses("math/rand", "New", "NewSource", "NewZipf"),
			uses("math/rand/v2", "New", "NewPCG", "NewChaCha8", "NewZipf", "PCG", "ChaCha8"),
		),
	},
}
