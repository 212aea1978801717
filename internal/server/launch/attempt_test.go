//go:build unix

package launch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// attempt is a rollout that somebody wants: asked for until it is answered, by the same key.
type attempt struct {
	plugin, version, key, id string
}

// keepAsking asks for one rollout after another of a plugin: a good one, then a bad one, and
// so on, each until it ended.
func keepAsking(ctx context.Context, t *testing.T, c *client.Client, plugin string) (all []*attempt) {
	good := 1
	for n := 0; ctx.Err() == nil; n++ {
		version := fmt.Sprintf("1.%d.0", good)
		if n%2 == 1 {
			version = "2.0.0"
		} else {
			good++
		}
		a := &attempt{plugin: plugin, version: version, key: plugin + "-" + strconv.Itoa(n)}
		all = append(all, a)
		if !a.ask(t, c) {
			return all
		}
		a.end(t, c)
	}
	return all
}

// ask asks until it is answered.
func (a *attempt) ask(t *testing.T, c *client.Client) bool {
	spec := fmt.Sprintf(`{"pluginId": %q, "environment": "Production", "version": %q, "strategy": "Canary",
		"canaryConfig": {"stages": [10, 100], "evaluationPeriod": "PT1S"}, "analysis": {"minRequests": 10, "minTenants": 1}}`, a.plugin, a.version)
	for range 600 {
		r, err := c.Start(context.Background(), engine.Production, a.plugin, a.key, contract.Ask{Deployment: json.RawMessage(spec)})
		var refused *client.Problem
		switch {
		case err == nil:
			a.id = r.ID
			return true
		case errors.As(err, &refused) && refused.More.Status < 500 && refused.More.Status != http.StatusTooManyRequests:
			t.Errorf("%s: %v", a.key, err)
			return false
		}
		_ = walker.Pause(context.Background(), 50*time.Millisecond)
	}
	t.Errorf("%s: nobody answers", a.key)
	return false
}

// end waits until it has ended.
func (a *attempt) end(t *testing.T, c *client.Client) *contract.Detail {
	t.Helper()
	var last *contract.Detail
	for range 600 {
		d, err := c.Show(context.Background(), a.id, false)
		if err == nil && d.Outcome != "" {
			return d
		}
		if err == nil {
			last = d
		}
		_ = walker.Pause(context.Background(), 100*time.Millisecond)
	}
	text, _ := json.Marshal(last)
	t.Errorf("%s: rollout %s does not end: %s", a.key, a.id, text)
	return nil
}

// checkAttempt says what of a rollout is not as promised.
func checkAttempt(t *testing.T, c *client.Client, a *attempt) {
	t.Helper()
	if a.id == "" {
		return // its ask was not answered, or refused, which was told
	}
	d := a.end(t, c)
	if d == nil {
		return
	}
	want := engine.Succeeded
	if a.version == "2.0.0" {
		want = engine.RolledBack
	}
	if d.Outcome != string(want) {
		t.Errorf("%s to %s is %s: %s", a.id, a.version, d.Outcome, d.Story)
	}
	began := map[int]int{}
	for _, line := range d.Timeline {
		if line.Kind == string(engine.Began) {
			began[line.Stage]++
		}
	}
	for stage, n := range began {
		if n != 1 {
			t.Errorf("%s: stage %d began %d times", a.id, stage, n)
		}
	}
	again, err := c.Start(context.Background(), engine.Production, a.plugin, a.key, contract.Ask{Deployment: d.Deployment})
	if err != nil || again.ID != a.id {
		t.Errorf("%s: asked for again by its key it is %v, %v", a.id, again, err)
	}
}
