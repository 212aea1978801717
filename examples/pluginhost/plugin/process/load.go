package process

import (
	"context"
	"errors"
	"fmt"
	"net/rpc"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
)

// startLimit is how long a plugin may take to start on a busy machine.
const startLimit = 20 * time.Second

// loaded is a plugin's process, as its host has it.
type loaded struct {
	client   *goplugin.Client
	cmd      *exec.Cmd
	calls    *rpc.Client
	said     *plugin.Tail
	pid      int
	lifeline *os.File // the process lives as long as this is open
	folder   string   // of its socket

	lost chan struct{}
	once sync.Once
}

// Load starts the program in file as a plugin that behaves as b says, and whose chances
// follow from a seed. The error says what the program said.
func Load(ctx context.Context, file string, b plugin.Behaviours, seed uint64) (plugin.Loaded, error) {
	folder, err := os.MkdirTemp("", "hotswap-plugin-") // with rights for us alone, so that nobody else talks to the socket
	if err != nil {
		return nil, err
	}
	l := &loaded{said: &plugin.Tail{}, folder: folder, lost: make(chan struct{})}
	if err := l.start(file, seed); err != nil {
		l.Close()
		return nil, l.startError(file, err)
	}
	if err := l.Configure(ctx, b); err != nil {
		l.Close()
		return nil, fmt.Errorf("configure %s: %w", file, err)
	}
	return l, nil
}

// start starts the process, and watches it.
func (l *loaded) start(file string, seed uint64) error {
	end, ours, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	l.lifeline = ours
	cmd := exec.Command(file)
	l.cmd = cmd
	cmd.ExtraFiles = []*os.File{end}
	// One thread is enough for waiting, and keeps it small.
	cmd.Env = []string{"GOMAXPROCS=1", folderVariable + "=" + l.folder, seedVariable + "=" + strconv.FormatUint(seed, 10)}
	l.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: handshake, Plugins: goplugin.PluginSet{served: glue{}}, Cmd: cmd, SkipHostEnv: true,
		StartTimeout: startLimit, Stderr: l.said, Logger: hclog.NewNullLogger(),
	})
	protocol, err := l.client.Client()
	if err != nil {
		return err
	}
	got, err := protocol.Dispense(served)
	if err != nil {
		return err
	}
	calls, ok := got.(*rpc.Client)
	if !ok {
		return fmt.Errorf("it speaks %T", got)
	}
	l.calls, l.pid = calls, cmd.Process.Pid
	live := calls.Go("Plugin.Live", struct{}{}, &struct{}{}, make(chan *rpc.Call, 1))
	go func() {
		<-live.Done
		l.end()
	}()
	return nil
}

// end tells that the process went away.
func (l *loaded) end() { l.once.Do(func() { close(l.lost) }) }

// startError says in one line why a plugin did not start: go-plugin's own text has many.
func (l *loaded) startError(file string, err error) error {
	if said := l.said.Line(); said != "" {
		return fmt.Errorf("start %s: %s", file, said)
	}
	if state := l.cmd.ProcessState; state != nil { // it is closed, and was waited for
		return fmt.Errorf("start %s: it ended before it was ready: %s", file, state)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return fmt.Errorf("start %s: %s", file, first)
}

// Serve implements plugin.Plugin.
func (l *loaded) Serve(ctx context.Context, r plugin.Request) (plugin.Response, error) {
	var to Reply
	if err := l.call(ctx, "Plugin.Serve", r, &to); err != nil {
		return plugin.Response{}, err
	}
	if to.Failed {
		return plugin.Response{}, &plugin.Error{Text: to.Text}
	}
	return to.Response, nil
}

// Configure implements plugin.Plugin.
func (l *loaded) Configure(ctx context.Context, b plugin.Behaviours) error {
	return l.call(ctx, "Plugin.Configure", b, &struct{}{})
}

// call asks the process. Once ctx is over, nobody looks at its answer any more.
func (l *loaded) call(ctx context.Context, method string, args, to any) error {
	call := l.calls.Go(method, args, to, make(chan *rpc.Call, 1))
	select {
	case <-call.Done:
	case <-ctx.Done():
		return ctx.Err()
	}
	var told rpc.ServerError
	switch {
	case call.Error == nil:
		return nil
	case errors.As(call.Error, &told):
		return &plugin.Error{Text: string(told)}
	default:
		return plugin.ErrCrashed
	}
}

// Lost implements plugin.Loaded.
func (l *loaded) Lost() <-chan struct{} { return l.lost }

// Why implements plugin.Loaded. What the process said last comes by another way than the end
// of its connection, and is waited for, a little.
func (l *loaded) Why() string {
	for range 100 {
		if l.client.Exited() {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if line := l.said.Line(); line != "" {
		return "the process ended: " + line
	}
	return "the process ended"
}

// PID implements plugin.Loaded.
func (l *loaded) PID() int { return l.pid }

// Close implements plugin.Loaded.
func (l *loaded) Close() {
	if l.client != nil {
		l.client.Kill()
	}
	if l.lifeline != nil {
		_ = l.lifeline.Close()
	}
	_ = os.RemoveAll(l.folder)
	l.end()
}
