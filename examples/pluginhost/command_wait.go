package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// awaited is a payment that is to be answered.
type awaited struct {
	to, tenant, version string
	within              time.Duration
}

// runWait ends as soon as a payment is answered, so that scripts need not guess how long a start takes.
func runWait(ctx context.Context, args []string, out, errs io.Writer) error {
	var a awaited
	f := flags("wait")
	f.StringVar(&a.to, "to", "", "where to send payments until one is answered, like http://127.0.0.1:8080/pay")
	f.StringVar(&a.tenant, "tenant", "tenant-001", "whose payments they are")
	f.StringVar(&a.version, "version", "", "the version that has to answer: an instance is asked for it, a router may not be; empty: any")
	f.DurationVar(&a.within, "within", time.Minute, "how long to try")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	if err := a.check(); err != nil {
		return errUsage{err}
	}
	ctx, cancel := context.WithTimeout(ctx, a.within)
	defer cancel()
	last := errors.New("it was not asked")
	for {
		who, err := a.pay(ctx)
		if err == nil {
			says(out)("%s answers, with version %s", a.to, who)
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s answers no payment within %s: %w", a.to, a.within, last)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// check says all that is wrong.
func (a *awaited) check() error {
	var wrong []error
	if u, err := url.Parse(a.to); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		wrong = append(wrong, fmt.Errorf("--to %q: it wants to be a URL, like http://127.0.0.1:8080/pay", a.to))
	}
	if a.tenant == "" {
		wrong = append(wrong, errors.New("--tenant: it is empty, and a payment is always somebody's"))
	}
	if a.within <= 0 {
		wrong = append(wrong, fmt.Errorf("--within %s: it wants to be above 0", a.within))
	}
	return errors.Join(wrong...)
}

// pay sends a payment, and says which version answered it.
func (a *awaited) pay(ctx context.Context) (version string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.to, http.NoBody)
	if err != nil {
		return "", err
	}
	req.Header.Set(wire.Tenant, a.tenant)
	if a.version != "" {
		req.Header.Set(wire.Version, a.version)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }() // which was read
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	version = answer.Header.Get(wire.Version)
	switch {
	case err != nil:
		return "", err
	case answer.StatusCode != http.StatusOK:
		return "", fmt.Errorf("%s %s: %s", answer.Status, answer.Header.Get(wire.Reason), strings.TrimSpace(string(text)))
	case version == "":
		return "", errors.New("what answers there is no plugin")
	case a.version != "" && version != a.version:
		return "", fmt.Errorf("version %s answers", version)
	}
	return version, nil
}
