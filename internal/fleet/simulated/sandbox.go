package simulated

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// sandboxScale is that of the sandbox, whatever the other fleets': changes are quick, and
// samples are there within a second.
const sandboxScale = 60

// Sandbox is a fleet that nobody depends on: three instances, 24 tenants, and traffic of
// 60 requests a second.
func Sandbox() Spec {
	cfg := simulator.DefaultConfig()
	cfg.Instances, cfg.Tenants, cfg.RequestsPerSecond = 3, 24, 1
	cfg.Installed = map[string]string{"conformance": "1.0.0"}
	cfg.DrainSeconds, cfg.InstallSeconds, cfg.ProvisionSeconds, cfg.SmokeSeconds, cfg.ProbeIntervalSeconds = 6, 18, 30, 30, 30
	behaviour := simulator.DefaultBehaviour()
	behaviour.StartupSeconds = 12
	cfg.Versions = map[string]simulator.Behaviour{"1.0.0": behaviour, "1.1.0": behaviour}
	return Spec{Environment: "Sandbox", Plugin: "conformance", Config: cfg, Scale: sandboxScale}
}

// SandboxOf is what a service says of a sandbox.
func SandboxOf(s Spec) *contract.Sandbox {
	return &contract.Sandbox{Environment: string(s.Environment), Plugin: s.Plugin, Versions: []string{"1.0.0", "1.1.0"}, Settle: engine.Duration(5 * time.Second)}
}
