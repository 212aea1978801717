package manager

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/haproxy"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
)

// haproxyProgram is looked for on the PATH.
const haproxyProgram = "haproxy"

// behind is a HAProxy that routes, as a process.
type behind struct {
	*haproxy.Proxy
	w *World
}

// newHAProxy reads what HAProxy was told last. Its ports are chosen once, and kept.
func newHAProxy(w *World) (balancer, error) {
	listen, err := kept(filepath.Join(w.Dir, "router.address"), w.Listen)
	if err != nil {
		return nil, err
	}
	metrics, err := kept(filepath.Join(w.Dir, "router.metrics"), "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &haproxy.Proxy{Dir: filepath.Join(w.Dir, "router"), Listen: listen, Metrics: metrics}
	return &behind{p, w}, p.Open()
}

// kept is the address in a file; where there is none yet, one that is free now.
func kept(file, listen string) (string, error) {
	text, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	l, err := net.Listen("tcp", listen) //nolint:noctx // it does not wait
	if err != nil {
		return "", fmt.Errorf("--router-listen: %w; take another one", err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", err
	}
	return address, durable.Write(file, []byte(address+"\n"), 0o600)
}

// Address implements balancer.
func (b *behind) Address() string { return b.Listen }

// Supervise implements balancer. A HAProxy that died is started again at once, with the
// configuration of how things are now.
func (b *behind) Supervise(ctx context.Context, p *process) {
	config := filepath.Join(b.w.Dir, "run", "router.0.cfg")
	for ctx.Err() == nil {
		if p == nil {
			err := b.Write(config)
			if err == nil {
				p, err = b.w.folder.run("router", 0, config, b.w.HAProxy, "-db", configFlag, config)
			}
			if err != nil {
				b.w.Log.Error("HAProxy cannot be started", "error", err)
				pause(ctx, time.Second)
				continue
			}
			b.w.Log.Info("HAProxy is started", "pid", p.handle.Pid, "listen", b.Listen, "metrics", b.Metrics)
		}
		nudge(b.w.poke)
		select {
		case <-ctx.Done():
			return
		case <-p.done:
		}
		b.w.Log.Warn("HAProxy died", "pid", p.handle.Pid, "how", p.end, "log", lastLine(b.w.folder.log("router")))
		if time.Since(p.began) < time.Second {
			pause(ctx, 500*time.Millisecond)
		}
		p = nil
	}
}
