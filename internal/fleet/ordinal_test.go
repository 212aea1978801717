package fleet_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// TestOrdersByHand has somebody order something by hand, with an ordinal of a later rollout:
// the next rollout of the fleet's journal is above it, and one of journals beside the fleet
// is told why it gets nowhere.
func TestOrdersByHand(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Installed = map[string]string{"gateway": "1.5.0"}
	w, err := simulator.NewWorld(cfg, engine.Production, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	served := served(w, nil)
	served.Ledger = server.NewLedger(server.NewMemory())
	s := handle(t, w.Now, served)
	far := reach(t, s.URL).World(engine.Production, "gateway")
	order := engine.Order{Rollout: "by-hand", Ordinal: 40, Change: engine.Change{Kind: engine.Retire, Slot: "green"}}
	if err := far.Make(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	snapshot, err := engine.ReadSnapshot(t.Context(), far)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0"}, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	j, err := far.Begin(t.Context(), plan)
	if err != nil || j.Ordinal() != 41 {
		t.Errorf("the next rollout has the ordinal %d, %v", j.Ordinal(), err)
	}
	settings := connect.Settings{Path: "fleet", Address: s.URL, HTTP: config.DefaultHTTPClientConfig}
	settings.HTTP.Authorization = &config.Authorization{Credentials: secret}
	f, err := fleet.Open(fleet.Settings{API: settings, JournalPath: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	beside, err := f.World(engine.Production, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	order.Ordinal = 1
	if err := beside.Make(t.Context(), order); !errors.Is(err, engine.ErrSuperseded) || !strings.Contains(err.Error(), "The journals are in elsewhere") {
		t.Errorf("journals that are not the fleet's: %v", err)
	}
}
