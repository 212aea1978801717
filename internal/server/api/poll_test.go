package api_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// TestPoll waits for what is new: it is woken by that, or answered with what there is.
func TestPoll(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	c := r.Client("reader")
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	page, err := c.Rollouts(t.Context(), nil)
	if err != nil || len(page.Items) != 1 || page.Change == 0 {
		t.Fatalf("%v, %+v", err, page)
	}
	woken := make(chan *contract.RolloutPage, 1)
	go func() {
		again, err := c.Rollouts(t.Context(), url.Values{"since": {strconv.FormatInt(page.Change, 10)}, "wait": {"50"}, "phase": {"paused"}})
		if err != nil {
			t.Error(err)
		}
		woken <- again
	}()
	heard := make(chan []engine.Event, 1)
	go func() {
		events, err := c.Events(t.Context(), "r1", -1, 50*time.Second)
		if err != nil {
			t.Error(err)
		}
		heard <- events
	}()
	time.Sleep(200 * time.Millisecond) // which is not needed: who comes late is answered at once
	began := time.Now()
	r.write(t, "r1", 0, engine.Paused)
	if again := <-woken; len(again.Items) != 1 || again.Change <= page.Change || time.Since(began) > soon {
		t.Errorf("%+v after %s", again, time.Since(began))
	}
	if events := <-heard; len(events) != 1 || events[0].Kind != engine.Paused || time.Since(began) > soon {
		t.Errorf("%+v after %s", events, time.Since(began))
	}
	for _, path := range []string{"/v1/rollouts/r1/events?after=0&wait=1", "/v1/rollouts?since=1000000&wait=1"} {
		began := time.Now()
		rec := r.want(http.StatusOK, "reader", "GET", path, "")
		if took := time.Since(began); took < time.Second || took > soon {
			t.Errorf("%s: %s after %s", path, rec.Body, took)
		}
	}
	if events, err := c.Events(t.Context(), "r1", 0, 0); err != nil || len(events) != 0 {
		t.Errorf("%v, %v", err, events)
	}
}

// TestPollOfOthers has changes of another environment wake, and say nothing.
func TestPollOfOthers(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	woken := make(chan *contract.RolloutPage, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		page, err := r.Client("staging").Rollouts(ctx, url.Values{"since": {"0"}, "wait": {"8"}})
		if err != nil {
			t.Error(err)
		}
		woken <- page
	}()
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	if page := <-woken; page == nil || len(page.Items) != 0 {
		t.Errorf("%+v", page)
	}
}
