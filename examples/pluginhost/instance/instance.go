package instance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin/process"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin/wasm"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// Instance is an instance of the plugin host.
type Instance struct {
	options  Options
	boot     string
	listener net.Listener
	server   *http.Server
	modules  *wasm.Engine
	shelf    *shelf
	gate     *gate
	tallies  *tallies
	usage    *usage

	probes, probesFailed atomic.Int64
}

// New is an instance that listens, and whose versions are being started. The error has all
// that is wrong with the options; then nothing was started. Run has to be called, and once.
func New(o Options) (*Instance, error) {
	versions, err := o.check()
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	i := &Instance{
		options: o, boot: newBoot(), gate: newGate(), tallies: newTallies(),
		usage: &usage{cores: o.CPULimit, bytes: float64(o.MemoryLimit)},
	}
	if i.listener, err = net.Listen("tcp", o.Listen); err != nil {
		return nil, listenError(o.Listen, err)
	}
	if i.modules = o.Modules; i.modules == nil {
		if i.modules, err = wasm.New(context.Background(), o.Cache); err != nil {
			return nil, errors.Join(err, i.listener.Close())
		}
	}
	i.shelf = &shelf{load: i.load, log: o.Log, held: map[string]*held{}, standard: o.Default}
	for _, v := range versions {
		i.hold(v)
	}
	admin, metrics := i.admin(), i.metrics()
	i.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch path := r.URL.Path; {
			case strings.HasPrefix(path, "/admin/"):
				admin.ServeHTTP(w, r)
			case path == "/metrics":
				metrics.ServeHTTP(w, r)
			case path == "/readyz":
				i.readyz(w, r)
			case path == "/healthz":
				i.healthz(w, r)
			default:
				i.serve(w, r)
			}
		}),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	return i, nil
}

func newBoot() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// listenError says what to do where a port is taken.
func listenError(address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen %s: the port is taken; take another one with --listen", address)
	}
	return err
}

// Address is where it listens, host:port.
func (i *Instance) Address() string { return i.listener.Addr().String() }

// hold starts a version beside what is held.
func (i *Instance) hold(v catalogue.Version) {
	i.tallies.begin(v.Version)
	i.shelf.hold(v)
}

// load starts the plugin of a version.
func (i *Instance) load(v catalogue.Version, b plugin.Behaviours, crashed func(why string)) (plugin.Loaded, error) {
	seed := mathrand.Uint64()
	if v.Kind == catalogue.Wasm {
		return i.modules.Load(context.Background(), v.File, b, seed, max(2, runtime.GOMAXPROCS(0)), crashed)
	}
	return process.Load(context.Background(), v.File, b, seed)
}

// Run serves until ctx is over. Then it takes no requests any more, gives those that it has
// the grace of the options to end, ends its plugins, and returns nil.
func (i *Instance) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- i.server.Serve(i.listener) }()
	looking, stopLooking := context.WithCancel(context.Background())
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		i.look(looking)
	}()
	var err error
	select {
	case <-ctx.Done():
		i.leave()
	case err = <-served:
	}
	_ = i.server.Close()
	i.shelf.close()
	stopLooking()
	<-looked
	if i.options.Modules == nil {
		err = errors.Join(err, i.modules.Close(context.Background()))
	}
	return err
}

// leave ends the requests that there are, and takes none.
func (i *Instance) leave() {
	i.options.Log.Info("stops")
	ctx, cancel := context.WithTimeout(context.Background(), i.options.Grace)
	defer cancel()
	if n := i.gate.drain(ctx); n > 0 {
		i.options.Log.Warn("requests did not end in time", "requests", n, "grace", i.options.Grace)
	}
	// Answers that are being written have to get out, and refusals of who came too late.
	closing, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	_ = i.server.Shutdown(closing)
	i.options.Log.Info("stopped", "answered", i.tallies.total())
}

// look looks at what its processes use, now and then.
func (i *Instance) look(ctx context.Context) {
	for {
		i.usage.look(i.pids())
		select {
		case <-ctx.Done():
			return
		case <-time.After(usageEvery):
		}
	}
}

// pids are its processes.
func (i *Instance) pids() []int {
	pids := []int{os.Getpid()}
	held, _ := i.shelf.list()
	for _, h := range held {
		if pid := h.pid(); pid != 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// State is what the instance is.
func (i *Instance) State() wire.Holding {
	held, standard := i.shelf.list()
	s := wire.Holding{
		Instance: i.options.ID, Boot: i.boot, Slot: i.options.Slot, Default: standard, Ready: i.ready() == nil, Draining: i.gate.isShut(),
		Probes: i.probes.Load(), Failed: i.probesFailed.Load(), Plugins: []wire.Plugin{},
	}
	for _, h := range held {
		s.Plugins = append(s.Plugins, h.tell())
	}
	s.CPU, s.Memory, _ = i.usage.of(i.pids()...)
	return s
}
