package launch

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/config"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/notify"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/worlds"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// sinksOf are those who are told, of a configuration that leaves them raw.
func sinksOf(c *config.Config) (s notify.Settings, err error) {
	if err := c.Raw(c.Notifications, &s.Sinks); err != nil {
		return s, err
	}
	s.Below(c.Folder())
	if ps := s.Check(); len(ps) > 0 {
		var all config.Problems
		for _, p := range ps {
			all = append(all, c.Problem(p.Path, engine.Problem{Path: p.Path, Value: p.Value, Rule: p.Rule}.Error()))
		}
		return s, all
	}
	return s, nil
}

// CheckNotifications says all that is wrong with who is told.
func CheckNotifications(c *config.Config) error {
	_, err := sinksOf(c)
	return err
}

// keepers are who keeps journals, in the words of the fleets.
var keepers = map[config.Keeper]worlds.Keeper{"": worlds.ByFleetIfItCan, config.KeptByFleet: worlds.ByFleet, config.KeptByStore: worlds.ByStore}

// specsOf are the fleets of a configuration.
func specsOf(c *config.Config, o *Options) ([]worlds.Spec, error) {
	var all []worlds.Spec
	for _, name := range c.Names() {
		e := c.Environments[string(name)]
		s := worlds.Spec{Name: name, Kind: e.Kind, Plugins: e.Plugins, Keeper: keepers[e.Journal]}
		if own, real := c.Fleet(name, "hotswap/"+o.Version, o.Getenv); real {
			s.Fleet = &own
		}
		if own, ok := c.PostgreSQL(name); ok {
			s.PostgreSQL = &own
		}
		if e.Simulated != nil {
			read, err := scenario.ReadFleet(string(e.Simulated.Scenario))
			if err != nil {
				return nil, err
			}
			s.Simulated = []simulated.Spec{{
				Environment: name, Plugin: read.Deployment.PluginID, Config: read.Config(read.Seed), Scale: e.Simulated.TimeScale,
			}}
		}
		all = append(all, s)
	}
	return all, nil
}
