package instance

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin/wasm"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

const token = "the-token-of-tests"

// limit is how long anything may take on a busy machine.
const limit = 90 * time.Second

// running is an instance of a test, that runs until its end.
type running struct {
	*Instance
	t      testing.TB
	url    string
	client *http.Client
	stop   func() error // may be called before the end
}

// versions are two that do nothing wrong, a process and a module.
func versions(latencyMS float64) []catalogue.Version {
	good := plugin.Behaviour{LatencyMS: latencyMS, ConversionRate: 1}
	return []catalogue.Version{
		{Version: "1.5.0", Kind: catalogue.Process, Behaviour: good},
		{Version: "1.6.0", Kind: catalogue.Wasm, Behaviour: good},
		{Version: "2.0.0", Kind: catalogue.Process, File: "payment.truncated"},
		{Version: "2.1.0", Kind: catalogue.Process, Behaviour: good, Probes: "fail"},
	}
}

// engine has the module compiled once for all tests, before any of them waits for it: where
// races are looked for, that takes long.
func engine(folder string) (*wasm.Engine, error) {
	once.Do(func() {
		if shared, failed = wasm.New(context.Background(), filepath.Join(folder, "cache")); failed != nil {
			return
		}
		var l plugin.Loaded
		if l, failed = shared.Load(context.Background(), filepath.Join(folder, catalogue.Module), plugin.Behaviours{}, 1, 1, nil); failed == nil {
			l.Close()
		}
	})
	return shared, failed
}

var (
	once   sync.Once
	shared *wasm.Engine
	failed error
)

func modules(t testing.TB) *wasm.Engine {
	t.Helper()
	e, err := engine(hosttest.Catalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// start runs an instance that holds versions, and serves the first by default. It returns
// when they have all started, or are found to be broken.
func start(t testing.TB, latencyMS float64, change func(*Options), hold ...string) *running {
	t.Helper()
	folder := hosttest.Own(t, versions(latencyMS)...)
	o := Options{
		ID: "instance-01", Slot: "blue", Environment: "Staging", Plugin: "payment", Catalogue: folder, Token: token, Listen: "127.0.0.1:0",
		Modules: modules(t), Default: hold[0], Hold: hold, Timeout: limit, Grace: limit, CPULimit: 1, MemoryLimit: 256 << 20,
	}
	if change != nil {
		change(&o)
	}
	i, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- i.Run(ctx) }()
	r := &running{Instance: i, t: t, url: "http://" + i.Address(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: limit}}
	stopped := false
	r.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-over
	}
	t.Cleanup(func() {
		r.client.CloseIdleConnections()
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	for _, v := range hold {
		r.until(v, func(p wire.Plugin) bool { return p.State != wire.Starting })
	}
	return r
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not in %v", what, limit)
		}
	}
}

// until waits until a version that is held is as it should be.
func (r *running) until(version string, is func(wire.Plugin) bool) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("version %s: %+v", version, r.plugin(version)), func() bool { return is(r.plugin(version)) })
}

// plugin is what is told of a version; of one that is not held, nothing.
func (r *running) plugin(version string) wire.Plugin {
	for _, p := range r.state().Plugins {
		if p.Version == version {
			return p
		}
	}
	return wire.Plugin{}
}

func (r *running) state() wire.Holding {
	var s wire.Holding
	r.get("/admin/state", &s)
	return s
}

func (r *running) get(path string, to any) {
	r.t.Helper()
	status, text := r.admin(http.MethodGet, path, "")
	if err := json.Unmarshal([]byte(text), to); err != nil || status != http.StatusOK {
		r.t.Fatalf("%s: %d %s: %v", path, status, text, err)
	}
}

// admin asks with the token.
func (r *running) admin(method, path, body string) (int, string) {
	r.t.Helper()
	a := r.do(method, path, body, "Authorization", "Bearer "+token)
	return a.status, a.text
}

// must is admin of which nothing else than success is expected.
func (r *running) must(method, path, body string) {
	r.t.Helper()
	if status, text := r.admin(method, path, body); status >= 300 {
		r.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
}

func (r *running) faults(faults ...wire.Fault) {
	r.t.Helper()
	text, _ := json.Marshal(wire.Faults{Faults: faults})
	r.must(http.MethodPut, "/admin/faults", string(text))
}

// answered is an answer.
type answered struct {
	status int
	text   string
	http.Header
}

func (a answered) String() string {
	return fmt.Sprintf("%d %s %s", a.status, a.Get(wire.Reason), a.Get(wire.Version))
}

func (r *running) do(method, path, body string, header ...string) answered {
	q, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Error(err)
		return answered{}
	}
	for i := 0; i < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	a, err := r.client.Do(q)
	if err != nil {
		r.t.Error(err)
		return answered{}
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		r.t.Error(err)
	}
	return answered{a.StatusCode, string(text), a.Header}
}

// pay asks for a payment, of a version where one is named.
func (r *running) pay(tenant, version string) answered {
	return r.do(http.MethodPost, "/pay", `{"amount":1250}`, wire.Tenant, tenant, wire.Version, version)
}

// inFlight sends payments that take long, and returns when the version has them all.
func (r *running) inFlight(version string, n int) chan answered {
	r.t.Helper()
	answers := make(chan answered, n)
	for range n {
		go func() { answers <- r.pay("tenant-001", version) }()
	}
	r.until(version, func(p wire.Plugin) bool { return p.InFlight == int64(n) })
	return answers
}
