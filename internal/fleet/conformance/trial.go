package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// trial tries one clause. What a clause finds out ends it, by a panic with a verdict that
// [run] recovers: a clause reads as what is asked and what has to come.
type trial struct {
	*run
	ctx context.Context
}

// found ends a trial.
type found struct {
	verdict Verdict
	why     string
	shown   *Exchange // nil: the last ones
}

func (t *trial) fail(format string, args ...any) {
	panic(found{Fails, fmt.Sprintf(format, args...), nil})
}

func (t *trial) leaveOut(format string, args ...any) {
	panic(found{LeftOut, fmt.Sprintf(format, args...), nil})
}

func (t *trial) must(ok bool, format string, args ...any) {
	if !ok {
		t.fail(format, args...)
	}
}

// send sends a request, and ends the trial where no answer comes.
func (t *trial) send(a ask) *answer {
	got, err := t.caller.do(t.ctx, t.base, a)
	if err != nil {
		if t.ctx.Err() != nil {
			panic(found{NotRun, "the run was interrupted", nil})
		}
		t.fail("there was no answer: %v", err)
	}
	return got
}

// read sends a request that has to be answered with a status, and reads the answer.
func (t *trial) read(a ask, status int, to any) *answer {
	got := t.send(a)
	t.must(got.status == status, "%s came, and %d is wanted", got.told(), status)
	if to != nil {
		if err := got.in(to); err != nil {
			t.fail("%v", err)
		}
	}
	return got
}

// refused sends a request that has to be refused with a reason.
func (t *trial) refused(a ask, reasons ...contract.Reason) *answer {
	got := t.send(a)
	for _, r := range reasons {
		if got.reason == r {
			return got
		}
	}
	t.fail("%s came, and the reason %s is wanted", got.told(), reasons[0])
	return nil
}

// race sends requests all at once.
func (t *trial) race(n int, of func(i int) ask) []*answer {
	answers, errs := make([]*answer, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { answers[i], errs[i] = t.caller.do(t.ctx, t.base, of(i)) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.fail("there was no answer: %v", err)
	}
	return answers
}

func get(path ...string) ask { return ask{method: http.MethodGet, path: path} }

func put(body any, path ...string) ask { return ask{method: http.MethodPut, path: path, body: body} }

func post(body any, path ...string) ask {
	return ask{method: http.MethodPost, path: path, body: body}
}

// with is a with a parameter of the query.
func (a ask) with(name string, value any) ask {
	query := url.Values{}
	for k, v := range a.query {
		query[k] = v
	}
	query.Set(name, fmt.Sprint(value))
	a.query = query
	return a
}

// head is a with a header.
func (a ask) head(name, value string) ask {
	header := map[string]string{name: value}
	for k, v := range a.header {
		if _, ok := header[k]; !ok {
			header[k] = v
		}
	}
	a.header = header
	return a
}

// upload gives the fleet a list of targets.
func (t *trial) upload(list []byte) string {
	digest := contract.DigestOf(list)
	got := t.send(ask{method: http.MethodPut, path: []string{"targets", digest}, raw: list, media: contract.NDJSON})
	t.must(got.status == http.StatusCreated || got.status == http.StatusOK, "%s came to a list of targets, and 201 or 200 is wanted", got.told())
	return digest
}

// describe reads the fleet as a whole.
func (t *trial) describe() (f contract.Fleet) {
	t.read(get(), http.StatusOK, &f)
	return f
}

// instances reads all instances.
func (t *trial) instances() []contract.Instance { return all[contract.Instance](t, "instances", 0) }

// tenants reads all tenants.
func (t *trial) tenants() []contract.Tenant { return all[contract.Tenant](t, "tenants", 0) }

// mostPages is how many pages of a list are read before it is said not to end.
const mostPages = 100_000

// all reads a list, in pages of at most limit; 0: of as many as the fleet likes.
func all[T any](t *trial, what string, limit int) []T {
	items, cursor := []T{}, ""
	for range mostPages {
		a := get(what)
		if limit > 0 {
			a = a.with("limit", limit)
		}
		if cursor != "" {
			a = a.with("cursor", cursor)
		}
		var page contract.Page[T]
		t.read(a, http.StatusOK, &page)
		t.must(limit == 0 || len(page.Items) <= limit, "a page has %d items, and %d are the limit", len(page.Items), limit)
		items = append(items, page.Items...)
		if page.Next == "" {
			return items
		}
		t.must(page.Next != cursor, "the page at cursor %q names itself as the next", cursor)
		cursor = page.Next
	}
	t.fail("%s do not end: %d pages were read", what, mostPages)
	return nil
}

// can says whether the fleet has a capability.
func (t *trial) can(what engine.Capability) bool { return t.able[what] }

func quoted(n int64) string { return `"` + strconv.FormatInt(n, 10) + `"` }
