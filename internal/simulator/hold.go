package simulator

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// lasting are the settings, by their names in JSON, that hold when a fleet is made,
// beside its faults and the version that its plugin has installed.
var lasting = []string{
	"instances", "tenants", "seed", "spare", "tenant_spread", "tenant_weights", "tenant_churn", "tenant_error_spread", "tenant_conversion_spread", "minute_noise",
}

// Held lists the settings that hold when a fleet is made: those that [Config.Left] may
// name.
func Held() []string { return append(slices.Clone(lasting), "faults") }

// setting is the field of a config that has that name in JSON.
func setting(c *Config, name string) reflect.Value {
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return v.Field(i)
		}
	}
	panic("simulator: there is no setting " + name)
}

// on is c for a fleet that was made with was: what c leaves open is as it was, and a
// plugin of which c says nothing runs what it ran.
func (c Config) on(was *Config, plugin string) Config {
	c = c.copied()
	for _, name := range c.Left {
		setting(&c, name).Set(setting(was, name))
	}
	if version, ok := was.Installed[plugin]; ok {
		if _, says := c.Installed[plugin]; !says {
			if c.Installed == nil {
				c.Installed = map[string]string{}
			}
			c.Installed[plugin] = version
		}
	}
	c.Left, c.KeepRollouts = nil, 0
	return c
}

// differences are the settings of c that are not those a fleet was made with.
func (c *Config) differences(was *Config, plugin string) problems {
	var p problems
	differs := func(path, value, was string) {
		if value != was {
			p.add(path, value, "is not what the fleet was created with, "+was)
		}
	}
	for _, name := range lasting {
		differs("simulated."+name, plainly(setting(c, name)), plainly(setting(was, name)))
	}
	differs("simulated.installed["+quoted(plugin)+"]", quoted(c.Installed[plugin]), quoted(was.Installed[plugin]))
	if fmt.Sprint(c.Faults) != fmt.Sprint(was.Faults) {
		p.add("simulated.faults", "", "are not those that the fleet was created with")
	}
	return p
}

func plainly(v reflect.Value) string {
	if v.Kind() == reflect.Float64 {
		return number(v.Float())
	}
	return fmt.Sprint(v.Interface())
}

// Reconfigure gives a world the settings of cfg that may change while it exists:
// versions, requests per second and the times. The others hold at its creation, and
// those that cfg leaves open stay; the error, [engine.Problems], names those that differ.
func (w *World) Reconfigure(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	cfg = cfg.on(&w.cfg, w.plugin)
	if p := cfg.differences(&w.cfg, w.plugin); len(p) > 0 {
		return engine.Problems(p)
	}
	w.cfg = cfg
	w.equip()
	w.traffic.Configure(w.cfg.traffic(w.seed))
	w.dirty = true
	w.settle()
	return nil
}
