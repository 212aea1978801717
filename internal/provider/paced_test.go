package provider

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// pacedFleet is a simulated fleet in a folder, as a provider has it.
type pacedFleet struct {
	t      *testing.T
	folder string
	scale  int
}

func newPacedFleet(t *testing.T, scale int) *pacedFleet {
	t.Helper()
	return &pacedFleet{t: t, folder: t.TempDir(), scale: scale}
}

// core plays Terraform with a root of its own.
func (p *pacedFleet) core() *core {
	p.t.Helper()
	own := &core{t: p.t, server: providerserver.NewProtocol6(New("test")())()}
	own.start(map[string]any{"simulated": map[string]any{
		"installed": map[string]any{"stripe": "1.5.0"}, "state_path": p.folder, "time_scale": p.scale,
		"versions": map[string]any{"9.9.9": map[string]any{"error_rate": 0.2}},
	}})
	return own
}

// pace is the file that says what was left to the clock.
func (p *pacedFleet) pace() string {
	return filepath.Join(simulator.Folder(p.folder, engine.Production, "stripe"), paceFile)
}

var canaryOfMinutes = map[string]any{"strategy": "Canary", "canary": map[string]any{"stages": []any{10, 100}, "evaluation_period": "20m"}}

// TestPacedByRefreshes: what was left to the clock of a simulated fleet goes on as far as time
// went by, however many look, and is done at once where time costs nothing.
func TestPacedByRefreshes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	config := deployment("1.6.0", canaryOfMinutes, notWaiting)
	t.Run("as time goes by", func(t *testing.T) {
		t.Parallel()
		p := newPacedFleet(t, 1)
		own := p.core()
		expectGood(t, own.apply(ctx, config))
		for range 3 {
			expectQuiet(t, own, config)
			expect(t, own, map[string]string{"status": "progressing", "active_version": "1.5.0", "rollout_id": firstRollout})
		}
		p.scale = 100_000 // the same folder, in a configuration whose time flies
		faster := p.core()
		faster.state, faster.private, faster.identity = own.state, own.private, own.identity
		pause(hour / 36000)
		expectGood(t, faster.refresh())
		expect(t, faster, map[string]string{"status": "succeeded", "active_version": "1.6.0"})
	})
	t.Run("at once", func(t *testing.T) {
		t.Parallel()
		p := newPacedFleet(t, 0)
		own := p.core()
		expectGood(t, own.apply(ctx, config))
		expect(t, own, map[string]string{"status": "progressing"})
		expectGood(t, own.refresh())
		expect(t, own, map[string]string{"status": "succeeded", "active_version": "1.6.0"})
		expectQuiet(t, own, config)
		if _, err := os.Stat(p.pace()); !os.IsNotExist(err) {
			t.Errorf("the clock still carries something: %v", err)
		}
	})
}

// TestPacedByTwo: two roots look at once, and the rollout is walked once.
func TestPacedByTwo(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), newPacedFleet(t, 0)
	config := deployment("1.6.0", canaryOfMinutes, notWaiting)
	roots := []*core{p.core(), p.core()}
	expectGood(t, roots[0].apply(ctx, config))
	expectGood(t, roots[1].apply(ctx, config)) // which goes along with the first one's
	var both sync.WaitGroup
	for _, own := range roots {
		both.Go(func() {
			expectGood(t, own.refresh())
		})
	}
	both.Wait()
	for _, own := range roots {
		expect(t, own, map[string]string{"status": "succeeded", "active_version": "1.6.0", "rollout_id": firstRollout})
		expectQuiet(t, own, config)
	}
}

// TestPaceIsLost: where nothing says that a rollout was left to the clock, because whoever began
// it was killed or the file is damaged, it is unattended, and the next apply leaves it there.
func TestPaceIsLost(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	config := deployment("1.6.0", canaryOfMinutes, notWaiting)
	for name, damage := range map[string]func(file string) error{
		"killed before": os.Remove,
		"empty":         func(file string) error { return os.WriteFile(file, nil, 0o600) },
		"half":          func(file string) error { return os.WriteFile(file, []byte(`{"rollout":"stripe-prod`), 0o600) },
		"nonsense":      func(file string) error { return os.WriteFile(file, []byte("\x00\x00\x00"), 0o600) },
		"another":       func(file string) error { return os.WriteFile(file, []byte(`{"rollout":"stripe-production-9"}`), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPacedFleet(t, 1)
			own := p.core()
			expectGood(t, own.apply(ctx, config))
			if err := damage(p.pace()); err != nil {
				t.Fatal(err)
			}
			diags := own.refresh()
			expectGood(t, diags)
			expectText(t, warningsIn(diags), "unattended")
			diags = own.apply(ctx, config)
			expectGood(t, diags)
			expectText(t, warningsIn(diags), "is on its way")
			expectQuiet(t, own, config)
			if text, err := os.ReadFile(p.pace()); err != nil || len(text) < 50 {
				t.Errorf("%q, %v", text, err)
			}
			expectGood(t, own.destroy(ctx))
		})
	}
}

// TestPacedHeld: a rollout that was left to the clock and is held waits for a decision, which is
// heeded without waiting for what comes of it.
func TestPacedHeld(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), newPacedFleet(t, 0)
	own := p.core()
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 100}, "auto_rollback": false}, "rollback_triggers": off}
	expectGood(t, own.apply(ctx, deployment("9.9.9", hold, notWaiting)))
	diags := own.refresh()
	expectText(t, warningsIn(diags), `is held at stage "10%"`)
	expectQuiet(t, own, deployment("9.9.9", hold, notWaiting))
	decided := deployment("9.9.9", hold, notWaiting, map[string]any{"decision": map[string]any{"rollout_id": firstRollout, "action": "promote", "stage": "10%"}})
	expectGood(t, own.apply(ctx, decided))
	expectText(t, warningsIn(own.refresh()), `is held at stage "100%"`)
	expectQuiet(t, own, decided)
	expectGood(t, own.apply(ctx, deployment("1.5.0", hold, notWaiting)))
	expectGood(t, own.refresh())
	expect(t, own, map[string]string{"status": "rolled_back", "version": "1.5.0", "active_version": "1.5.0"})
}
