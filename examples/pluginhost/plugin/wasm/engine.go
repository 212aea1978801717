// Package wasm runs plugins as WebAssembly modules in the process of their host, by wazero.
package wasm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// memoryPages is the most that a module may have, in pages of 64 KiB: 256 MiB. It traps above.
const memoryPages = 4096

// Engine compiles modules, each file once, and keeps them while somebody has them.
type Engine struct {
	runtime wazero.Runtime
	cache   wazero.CompilationCache

	mu       sync.Mutex
	compiled map[[sha256.Size]byte]*compiled
	idle     []*compiled // that nobody has, kept for whoever comes next; the oldest first
}

// mostIdle is how many modules are kept that nobody has: to compile one anew takes a second.
const mostIdle = 2

// compiled is a module, and how many have it.
type compiled struct {
	module wazero.CompiledModule
	sum    [sha256.Size]byte
	users  int
}

// New is an engine that also keeps machine code in a folder, for the next process; "" is no folder.
func New(ctx context.Context, folder string) (*Engine, error) {
	e := &Engine{compiled: map[[sha256.Size]byte]*compiled{}}
	// A call that takes too long is ended, whatever the module does.
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(memoryPages).WithCloseOnContextDone(true)
	if folder != "" {
		cache, err := wazero.NewCompilationCacheWithDir(folder)
		if err != nil {
			return nil, fmt.Errorf("a cache of compiled modules in %s: %w", folder, err)
		}
		e.cache = cache
		config = config.WithCompilationCache(cache)
	}
	e.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, e.runtime); err != nil {
		return nil, errors.Join(err, e.Close(ctx))
	}
	return e, nil
}

// Close ends all that runs in it.
func (e *Engine) Close(ctx context.Context) error {
	err := e.runtime.Close(ctx)
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(ctx))
	}
	return err
}

// compile is the module in a file, compiled now unless somebody has it. Whoever asked
// releases it.
func (e *Engine) compile(ctx context.Context, file string) (*compiled, error) {
	code, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(code)
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.compiled[sum]
	if c == nil {
		module, err := e.runtime.CompileModule(ctx, code)
		if err != nil {
			return nil, fmt.Errorf("compile %s: %w", file, err)
		}
		c = &compiled{module: module, sum: sum}
		e.compiled[sum] = c
	}
	c.users++
	e.idle = slices.DeleteFunc(e.idle, func(i *compiled) bool { return i == c })
	return c, nil
}

// release gives a module back. One that nobody has is closed when others came after it.
func (e *Engine) release(ctx context.Context, c *compiled) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.users--; c.users > 0 {
		return
	}
	e.idle = append(e.idle, c)
	if len(e.idle) > mostIdle {
		old := e.idle[0]
		e.idle = e.idle[1:]
		delete(e.compiled, old.sum)
		_ = old.module.Close(ctx)
	}
}

// Compile leaves the machine code of a module in a folder, where a later New finds it.
func Compile(ctx context.Context, folder, file string) error {
	e, err := New(ctx, folder)
	if err != nil {
		return err
	}
	c, err := e.compile(ctx, file)
	if err == nil {
		e.release(ctx, c)
	}
	return errors.Join(err, e.Close(ctx))
}
