package manager

import (
	"context"
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// fill brings what a process holds and serves to what is wanted.
func (w *World) fill(ctx context.Context, in *inst, want *wanted, seen *wire.Holding) {
	w.mu.Lock()
	at, p := in.address, in.proc
	w.mu.Unlock()
	asked, trouble := false, ""
	note := func(what string, err error) {
		asked = true
		if err != nil && trouble == "" && ctx.Err() == nil {
			trouble = fmt.Sprintf("%s: %v", what, err)
		}
	}
	for _, v := range want.Hold {
		switch held := pluginOf(seen, v); {
		case held == nil:
			note("load "+v, w.caller.load(ctx, at, v))
		case neverStarts(held) && trouble == "":
			trouble = fmt.Sprintf("version %s does not start: %s", v, held.Error)
		}
	}
	if seen.Default != want.Default && servable(seen, want.Default) {
		note("serve "+want.Default, w.caller.serve(ctx, at, want.Default))
	}
	for _, v := range w.unneeded(in, want, seen) {
		note("unload "+v, w.caller.unload(ctx, at, v))
	}
	w.trouble(in, p, want, trouble)
	if asked {
		w.hear(ctx, in, p, at)
	}
}

// neverStarts says that a version is broken, and has never served.
func neverStarts(held *wire.Plugin) bool { return held.State == wire.Broken && !works(held) }

// servable says whether an instance can serve a version by default; "" is none.
func servable(h *wire.Holding, version string) bool {
	held := pluginOf(h, version)
	return version == "" || held != nil && held.State == wire.Ready
}

// trouble notes why an instance does not come to be as it was asked; "": nothing is known.
func (w *World) trouble(in *inst, p *process, want *wanted, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.wanted(in.id)
	if now == nil || now.Attempt != want.Attempt || in.proc != p {
		return
	}
	if in.as(now) {
		why = ""
	}
	if in.trouble != why {
		in.trouble = why
		w.tell()
	}
}

// pluginOf is a version in a state; nil: it is not there.
func pluginOf(h *wire.Holding, version string) *wire.Plugin {
	for i := range h.Plugins {
		if h.Plugins[i].Version == version {
			return &h.Plugins[i]
		}
	}
	return nil
}

// unneeded are the versions that are not wanted any more, once the router sends nobody to them.
func (w *World) unneeded(in *inst, want *wanted, seen *wire.Holding) (versions []string) {
	for i := range seen.Plugins {
		if v := seen.Plugins[i].Version; !slices.Contains(want.Hold, v) && v != seen.Default && seen.Plugins[i].State != wire.Draining {
			versions = append(versions, v)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.inForce.Instances {
		if r.ID == in.id && slices.ContainsFunc(r.Versions, func(v string) bool { return !slices.Contains(want.Hold, v) && v != seen.Default }) {
			nudge(w.poke)
			return nil
		}
	}
	return versions
}
