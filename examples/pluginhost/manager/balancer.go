package manager

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/router"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
)

// balancer is what routes the requests of a world: the host's own router, or another
// program that is made to. It may be used by several at once.
type balancer interface {
	// Supervise keeps the program running until ctx is done; p is the one that runs already.
	// It goes on running then.
	Supervise(ctx context.Context, p *process)
	// Apply puts a table in force: when it returns nil, it is.
	Apply(ctx context.Context, t wire.Table) error
	// Table is the table in force.
	Table(ctx context.Context) (wire.Table, error)
	// InFlight is how many requests an instance has from it.
	InFlight(ctx context.Context, instance string) (int64, error)
	// Address is where requests go to, host:port; "": not known yet.
	Address() string
}

// own is the host's router, as a process.
type own struct {
	w     *World
	fixed string // file of the address that it was given once
}

func newOwn(w *World) balancer { return &own{w: w, fixed: filepath.Join(w.Dir, "router.address")} }

// Address implements balancer.
func (o *own) Address() string {
	text, err := os.ReadFile(o.fixed)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func (o *own) client() (*router.Client, error) {
	at := o.Address()
	if at == "" {
		return nil, errors.New("the router has not started yet")
	}
	return &router.Client{Address: at, Token: o.w.Token}, nil
}

// Apply implements balancer.
func (o *own) Apply(ctx context.Context, t wire.Table) error {
	c, err := o.client()
	if err != nil {
		return err
	}
	return c.Apply(ctx, t)
}

// Table implements balancer.
func (o *own) Table(ctx context.Context) (wire.Table, error) {
	c, err := o.client()
	if err != nil {
		return wire.Table{}, err
	}
	r, err := c.Routing(ctx)
	return r.Table, err
}

// InFlight implements balancer.
func (o *own) InFlight(ctx context.Context, instance string) (int64, error) {
	c, err := o.client()
	if err != nil {
		return 0, err
	}
	r, err := c.Routing(ctx)
	return r.InFlight[instance], err
}

// Supervise implements balancer. A router that died is started again at once, on the port
// that it had; one that dies again and again, a second later.
func (o *own) Supervise(ctx context.Context, p *process) {
	for ctx.Err() == nil {
		fresh := p == nil
		if fresh {
			listen := o.Address()
			if listen == "" {
				listen = o.w.Listen
			}
			var err error
			p, err = o.w.folder.start("router", 0, o.w.Program, "router",
				"--listen", listen, "--token-file", o.w.TokenFile, "--state", filepath.Join(o.w.Dir, "router"))
			if err != nil {
				o.w.Log.Error("the router cannot be started", "error", err)
				pause(ctx, time.Second)
				continue
			}
		}
		if o.settle(ctx, p); p.alive() {
			if fresh { // port 0 is any: where it listens, it says itself
				o.w.Log.Info("the router is started", "pid", p.handle.Pid, "listen", o.Address())
			}
			select {
			case <-ctx.Done():
				return
			case <-p.done:
			}
		}
		o.w.Log.Warn("the router died", "pid", p.handle.Pid, "how", p.end, "log", lastLine(o.w.folder.log("router")))
		if time.Since(p.began) < time.Second {
			pause(ctx, 500*time.Millisecond)
		}
		p = nil
	}
}

// settle waits until a router listens, and writes its address down, which it keeps.
func (o *own) settle(ctx context.Context, p *process) {
	for ctx.Err() == nil && p.alive() {
		if at := p.address(); at != "" {
			if o.Address() == "" {
				if err := durable.Write(o.fixed, []byte(at+"\n"), 0o600); err != nil {
					o.w.Log.Error("the router's address cannot be written down", "error", err)
				}
			}
			nudge(o.w.poke)
			return
		}
		pause(ctx, 10*time.Millisecond)
	}
}
