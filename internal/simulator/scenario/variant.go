package scenario

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Good is s with a candidate that is as good as what is installed, and nothing that
// goes wrong with it alone.
func (s *Scenario) Good() *Scenario {
	candidate := s.Candidate()
	good := Version{Behaviour: s.behaviour(s.Installed)}
	if s.Installed == "" {
		good.Behaviour = simulator.DefaultBehaviour()
	}
	no := false
	good.Bad = &no
	c := s.Having(candidate, good)
	c.Faults = slices.DeleteFunc(slices.Clone(s.Faults), func(f simulator.Fault) bool { return f.Version == candidate })
	return c
}

// Worse is s with a candidate that should be rolled back: s itself where that is
// so, else one that fails twice as many requests as the gate's cap allows.
func (s *Scenario) Worse() *Scenario {
	if s.Bad() {
		return s
	}
	bad := Version{Behaviour: s.behaviour(s.Candidate())}
	limit := thresholdsOf(s.Deployment.Resolve()).MaxErrorRate
	bad.ErrorRate = 0.1
	if limit != nil {
		bad.ErrorRate = min(1, 2**limit)
	}
	bad.TimeoutRate = min(bad.TimeoutRate, 1-bad.ErrorRate)
	yes := true
	bad.Bad = &yes
	return s.Having(s.Candidate(), bad)
}

// Having is s with a version that behaves like v.
func (s *Scenario) Having(version string, v Version) *Scenario {
	c := *s
	c.Versions = maps.Clone(s.Versions)
	if c.Versions == nil {
		c.Versions = map[string]Version{}
	}
	delete(c.Versions, s.Deployment.PluginID+"@"+version)
	c.Versions[version] = v
	return &c
}

// With is s with another deployment.
func (s *Scenario) With(spec engine.Spec) *Scenario {
	c := *s
	c.Deployment = spec
	return &c
}

// Copied is the deployment, sharing nothing with s.
func (s *Scenario) Copied() (engine.Spec, error) {
	data, err := json.Marshal(s.Deployment)
	if err != nil {
		return engine.Spec{}, err
	}
	return engine.DecodeSpec(data)
}
