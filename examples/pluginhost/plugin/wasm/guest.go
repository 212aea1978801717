package wasm

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
)

// callLimit is how long a module may compute at a time: it is far more than a request needs,
// as what a request waits for is waited for outside of the module.
const callLimit = 10 * time.Second

// headLength is that of an answer before its text.
const headLength = 9

// guest is an instance of a module. It does one thing at a time.
type guest struct {
	module                   api.Module
	buffer, configure, serve api.Function
	said                     *plugin.Tail
	configured               int64 // by which configuration it behaves
}

// newGuest instantiates a module.
func newGuest(ctx context.Context, e *Engine, c *compiled) (*guest, error) {
	g := &guest{said: &plugin.Tail{}}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize").WithStderr(g.said).
		WithSysNanotime().WithSysWalltime().WithSysNanosleep().WithRandSource(rand.Reader)
	module, err := e.runtime.InstantiateModule(ctx, c.module, config)
	if err != nil {
		return nil, fmt.Errorf("start a module: %s", g.reason(err))
	}
	g.module = module
	g.buffer, g.configure, g.serve = module.ExportedFunction("buffer"), module.ExportedFunction("configure"), module.ExportedFunction("serve")
	if g.buffer == nil || g.configure == nil || g.serve == nil {
		g.close()
		return nil, errors.New("the module does not export buffer, configure and serve")
	}
	return g, nil
}

// close ends the instance, and gives its memory back.
func (g *guest) close() { _ = g.module.Close(context.Background()) }

// reason is why the instance went away, in one line.
func (g *guest) reason(err error) string {
	if said := g.said.Line(); said != "" {
		return said
	}
	return err.Error()
}

// call calls a function about some bytes, and has its result.
func (g *guest) call(f api.Function, about []byte, number uint64) (uint32, error) {
	// Whoever asked may give up any time, and that must not end the instance.
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	at, err := g.buffer.Call(context.Background(), uint64(len(about))) // which computes nothing
	if err != nil {
		return 0, err
	}
	if !g.module.Memory().Write(uint32(at[0]), about) {
		return 0, fmt.Errorf("the module's buffer at %d is not in its memory", at[0])
	}
	got, err := f.Call(ctx, uint64(len(about)), number)
	if err != nil {
		return 0, err
	}
	return uint32(got[0]), nil
}

// behave has it behave otherwise from now on.
func (g *guest) behave(json []byte, seed uint64) error {
	got, err := g.call(g.configure, json, seed)
	if err == nil && got != 0 {
		err = errors.New("the module does not understand its configuration")
	}
	return err
}

// ask asks for a request, and how long its answer has to wait.
func (g *guest) ask(r plugin.Request) (plugin.Response, time.Duration, error, error) {
	length, err := g.call(g.serve, []byte(r.Tenant), uint64(r.Amount))
	if err != nil {
		return plugin.Response{}, 0, nil, err
	}
	at, err := g.buffer.Call(context.Background(), 0)
	if err != nil {
		return plugin.Response{}, 0, nil, err
	}
	answer, ok := g.module.Memory().Read(uint32(at[0]), length)
	if !ok || length < headLength {
		return plugin.Response{}, 0, nil, fmt.Errorf("an answer of %d bytes at %d is none", length, at[0])
	}
	wait, text := time.Duration(binary.LittleEndian.Uint64(answer[1:])), string(answer[headLength:])
	if answer[0] == 1 {
		return plugin.Response{}, wait, &plugin.Error{Text: text}, nil
	}
	return plugin.Response{Text: text, Converted: answer[0] == 2}, wait, nil, nil
}
