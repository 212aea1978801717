package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/config"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/launch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/page"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// serveConfig runs a server of rollouts until ctx is done.
func serveConfig(ctx context.Context, c *console, path string) (err error) {
	cfg, err := c.readConfig(path)
	if err != nil {
		return err
	}
	if err := errors.Join(cfg.Here(os.Getenv), scenarios(cfg), launch.CheckNotifications(cfg)); err != nil {
		return err
	}
	log := c.configuredLog(cfg)
	for _, w := range cfg.Warnings(new(walker.Time).Now()) {
		log.Warn(w.Error())
	}
	l, how, err := listenTo(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // which the server has done, if it came to that
	var ending atomic.Bool
	now := new(walker.Time).Now
	launched, err := launch.New(ctx, cfg, launch.Options{
		Version: version(), Getenv: os.Getenv, Now: now, Wait: walker.Pause, Log: log, Ending: ending.Load,
		Page: func(login http.Handler, issuers []string) http.Handler {
			return page.New(page.Options{Login: login, Issuers: issuers, Now: now})
		},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, launched.Close()) }()
	_, _ = fmt.Fprintf(c.out, "serving rollouts at %s\n", how.url(l))
	if launched.FirstToken != "" {
		_, _ = fmt.Fprintf(c.out, "there was no way in: a token for an admin is in %s\n", launched.FirstToken)
	}
	return serveBoth(ctx, &how, l, launched, log, &ending)
}

// serveBoth answers requests and walks rollouts. When requests are not answered any more, or
// rollouts not walked, both end.
func serveBoth(ctx context.Context, how *listening, l listener, s *launch.Launched, log *slog.Logger, ending *atomic.Bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	walked := make(chan error, 1)
	go func() {
		defer cancel()
		walked <- s.Run(ctx)
	}()
	err := how.run(ctx, l, s.Handler, log, func() { ending.Store(true) })
	cancel()
	return errors.Join(err, <-walked)
}

// listenTo takes the address of a configuration.
func listenTo(ctx context.Context, cfg *config.Config) (listener, listening, error) {
	own := cfg.Listener()
	how := listening{address: own.Address, cert: own.CertFile, key: own.KeyFile}
	secure, err := own.Config()
	if err != nil {
		return nil, how, err
	}
	how.secure = secure
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", own.Address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, how, fmt.Errorf("listen: %s is in use by another process: give another port, or 0 for any that is free", own.Address)
	}
	if err != nil {
		return nil, how, fmt.Errorf("listen: %w", err)
	}
	return l, how, nil
}

// configuredLog logs as a configuration says.
func (c *console) configuredLog(cfg *config.Config) *slog.Logger {
	f := newLogFlags()
	_ = f.level.Set(string(cfg.Log.Level)) // which the configuration has checked
	_ = f.format.Set(string(cfg.Log.Format))
	return f.logger(c.err)
}
