package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// scripted is a place whose answers are written down.
type scripted struct {
	site
	answers []func() (*contract.Detail, error)
}

func (s *scripted) Attended() bool { return true }

func (s *scripted) Flags() string { return "" }

func (s *scripted) Show(context.Context, string, bool) (*contract.Detail, error) {
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return next()
}

func (s *scripted) Events(context.Context, string, int64, time.Duration) ([]engine.Event, error) {
	return nil, nil
}

// TestWatchGoesOn: a server that goes away is waited for, and what happened meanwhile is told
// once; one that stays away is not.
func TestWatchGoesOn(t *testing.T) {
	here := func() (*contract.Detail, error) { return views["bake"](), nil }
	away := func() (*contract.Detail, error) { return nil, errors.New("nobody\x1b[2J there") }
	done := func() (*contract.Detail, error) { return views["done"](), nil }
	watched := func(answers ...func() (*contract.Detail, error)) (string, error) {
		var out bytes.Buffer
		w := &watch{place: &scripted{answers: answers}, id: "x", interval: time.Millisecond, to: &plainScreen{c: &console{out: &out}, place: &scripted{}}}
		_, err := w.follow(t.Context())
		return out.String(), err
	}
	out, err := watched(here, away, away, here, done)
	if err != nil || strings.Count(out, "cannot be watched") != 1 || strings.Count(out, "install: began") != 1 || strings.Contains(out, "\x1b") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := watched(here, away); err == nil {
		t.Error("a server that stays away is waited for without end")
	}
	if _, err := watched(func() (*contract.Detail, error) { return nil, engine.ErrNoJournal }); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("what is not there is waited for: %v", err)
	}
}

// TestWatchJSON: each object has the events that are new, and nothing is written twice.
func TestWatchJSON(t *testing.T) {
	var out bytes.Buffer
	j := &jsonScreen{c: &console{out: &out}}
	j.show(views["bake"](), []engine.Event{{Seq: 0}}, nil)
	j.show(views["bake"](), nil, nil)
	j.show(views["bake"](), nil, errors.New("away"))
	j.show(views["done"](), []engine.Event{{Seq: 1}}, nil)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines\n%s", len(lines), out.String())
	}
	for i, want := range []seenJSON{{Phase: "progressing", WalkedBy: "rollouts-1"}, {Phase: "progressing", WalkedBy: "rollouts-1", Error: "away"}, {Phase: "succeeded", Outcome: "succeeded"}} {
		var got seenJSON
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		if got.Phase != want.Phase || got.Outcome != want.Outcome || got.WalkedBy != want.WalkedBy || got.Error != want.Error || len(got.Events) != 1-i%2 {
			t.Errorf("%d: %+v", i, got)
		}
	}
}

// TestInterruptedRollouts: Ctrl-C leaves a rollout to a server, and elsewhere writes that nobody
// watches it; the same command goes on with it.
func TestInterruptedRollouts(t *testing.T) {
	for _, kind := range []string{"server", "fleet", "folder"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w, bake := wheres[kind](t), "5s"
			if kind == "folder" {
				w.flags, bake = append(w.flags, "--time-scale", "200"), "10m"
			}
			file := written(t, "shop.yaml", shopCanary("1.1.0", bake, ""))
			ctx, stop := context.WithCancel(t.Context())
			out := &until{text: "25%: began", then: stop}
			var errs bytes.Buffer
			code := runWith(ctx, append([]string{"rollout", "start", file, "--yes", "--wait"}, w.flags...), strings.NewReader(""), out, &errs)
			says := "nobody watches shop-production-1 any more: hotswap rollout start FILE --wait goes on with it"
			if kind == "server" {
				says = "the server goes on with shop-production-1: hotswap rollout watch shop-production-1"
			}
			if code != exitStopped || !strings.Contains(errs.String(), says) {
				t.Fatalf("exit %d\n%s%s", code, out.all.String(), errs.String())
			}
			if kind != "server" && !strings.Contains(out.all.String(), "left by "+whoami()+": interrupted") {
				t.Errorf("nothing says that nobody watches:\n%s", out.all.String())
			}
			args := []string{"watch", "shop-production-1"}
			if kind != "server" {
				args = []string{"start", file, "--wait"} // which was approved before
			}
			if out, errs, code := w.hotswap(t.Context(), args...); code != exitFine || !strings.Contains(out, "succeeded") {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
		})
	}
}

// until is an output that does something when a text comes.
type until struct {
	all  bytes.Buffer
	text string
	then func()
}

func (u *until) Write(data []byte) (int, error) {
	n, err := u.all.Write(data)
	if strings.Contains(u.all.String(), u.text) {
		u.then()
	}
	return n, err
}

// TestWatchServerAgain: a server that is stopped and started anew is watched on.
func TestWatchServerAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := servertest.Start(t, dir, servertest.Fleet(engine.Production, "shop"))
	var now atomic.Pointer[url.URL] // nil: it is away
	at := func(r *servertest.Rig) *url.URL {
		u, err := url.Parse(r.HTTP.URL)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	now.Store(at(r))
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		to := now.Load()
		if to == nil {
			http.Error(w, "nobody is there", http.StatusBadGateway)
			return
		}
		httputil.NewSingleHostReverseProxy(to).ServeHTTP(w, req)
	}))
	defer front.Close()
	w := where{"server", []string{"--controller", front.URL, "--token-file", written(t, "token", "operator")}, r}
	file := written(t, "shop.yaml", shopCanary("1.1.0", "3s", ""))
	if out, errs, code := w.hotswap(t.Context(), "start", file, "--yes"); code != exitFine {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	var again sync.Once
	out := &until{text: "25%: began", then: func() {
		again.Do(func() {
			now.Store(nil)
			go func() {
				r.Stop()
				now.Store(at(servertest.Start(t, dir, servertest.Fleet(engine.Production, "shop"))))
			}()
		})
	}}
	var errs bytes.Buffer
	code := runWith(t.Context(), append([]string{"rollout", "watch", "--interval", "100ms"}, w.flags...), strings.NewReader(""), out, &errs)
	if code != exitFine || strings.Count(out.all.String(), "25%: began") != 1 || !strings.Contains(out.all.String(), "succeeded") {
		t.Errorf("exit %d\n%s%s", code, out.all.String(), errs.String())
	}
}

// TestExpiredToken: a token that is good no more ends a watch, and where it came from is said.
func TestExpiredToken(t *testing.T) {
	t.Parallel()
	w := wheres["server"](t)
	out, errs, code := w.hotswap(t.Context(), "list")
	if code != exitFine {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	w.flags[3] = written(t, "token", "s3cret-of-before")
	out, errs, code = w.hotswap(t.Context(), "watch", "shop-production-1")
	if code != exitInput || !strings.Contains(errs, "--token-file ("+w.flags[3]+")") || strings.Contains(out+errs, "s3cret") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}
