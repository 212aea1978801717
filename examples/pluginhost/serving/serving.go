// Package serving is how each program of the plugin host listens, who it lets in, and how
// it ends.
package serving

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Input is a problem with what was asked for: nothing was done.
type Input struct{ Err error }

// Error is that of Err.
func (i *Input) Error() string { return i.Err.Error() }

// Unwrap is Err.
func (i *Input) Unwrap() error { return i.Err }

// Wrong is an Input; nil where err is nil.
func Wrong(err error) error {
	if err == nil {
		return nil
	}
	return &Input{err}
}

// Token reads the host's token. A file that is not there, that is empty or that others may
// read is an error that says what to do.
func Token(path string) (string, error) {
	if path == "" {
		return "", errors.New("--token-file: it is missing; the host's token is a line of a file that only you can read")
	}
	about, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("--token-file: there is no %s; write one with: (umask 077; openssl rand -hex 32 > %s)", path, path)
	}
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	if open := about.Mode().Perm() & 0o077; open != 0 {
		return "", fmt.Errorf("--token-file: %s can be read by others (%04o): chmod 600 %s", path, about.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if strings.ContainsAny(token, " \t\r\n") {
		return "", fmt.Errorf("--token-file: %s wants to have one word", path)
	}
	if token == "" {
		return "", fmt.Errorf("--token-file: %s is empty; write one with: (umask 077; openssl rand -hex 32 > %s)", path, path)
	}
	return token, nil
}

// Known lets only requests through that bear the token. What it answers to others is the
// same for each of them.
func Known(token string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if token == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "a bearer token is wanted here", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Listen takes an address. Its errors say which one, and what to do.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, Wrong(fmt.Errorf("--listen %q: %w", address, err))
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, Wrong(fmt.Errorf("--listen %s: it wants to be an address of loopback, like 127.0.0.1:0", address))
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, Wrong(fmt.Errorf("listen %s: the port is taken; take another one with --listen", address))
	}
	if err != nil {
		return nil, Wrong(fmt.Errorf("--listen: %w", err))
	}
	return l, nil
}

// Tell writes an address to a file in one step, for whoever waits for it; "": to none.
func Tell(path string, address net.Addr) error {
	if path == "" {
		return nil
	}
	next := path + ".new"
	if err := os.WriteFile(next, []byte(address.String()+"\n"), 0o644); err != nil {
		return fmt.Errorf("--address-file: %w", err)
	}
	return os.Rename(next, path)
}

// Grace is how long requests that are under way are given when a program ends.
const Grace = 10 * time.Second

// Run serves until ctx is done, and ends what is under way then. ending is called first.
func Run(ctx context.Context, l net.Listener, h http.Handler, ending func()) error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	if ending != nil {
		ending()
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), Grace)
	defer cancel()
	if err := s.Shutdown(grace); err != nil {
		return errors.Join(fmt.Errorf("requests were still under way after %s: %w", Grace, err), s.Close())
	}
	return nil
}

// Answer answers with JSON.
func Answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // whoever does not read it has gone
}

// Private makes a folder that nobody else reads, and says what is wrong with it by flag.
func Private(flag, dir string) (string, error) {
	if dir == "" {
		return "", fmt.Errorf("%s: it is missing: a folder that is kept from one start to the next", flag)
	}
	path, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(path, 0o700)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return path, nil
}
