package manager

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// answerTargets is GET /prometheus-targets: the instances that there are now, for the HTTP
// service discovery of a Prometheus.
func (w *World) answerTargets(to http.ResponseWriter, _ *http.Request) {
	all := []wire.Targets{}
	for _, in := range w.Overview().Instances {
		if in.Address != "" && in.PID != 0 {
			all = append(all, wire.Targets{Targets: []string{in.Address}})
		}
	}
	serving.Answer(to, http.StatusOK, all)
}

// answerProcesses is GET /processes: what runs, plugins included.
func (w *World) answerProcesses(to http.ResponseWriter, _ *http.Request) {
	all := wire.Processes{Processes: []wire.Process{}}
	add := func(kind, name string, pid int) {
		if pid != 0 {
			all.Processes = append(all.Processes, wire.Process{Kind: kind, Name: name, PID: pid})
		}
	}
	known := map[string]bool{}
	for _, in := range w.Overview().Instances {
		known[in.ID] = true
		add("instance", in.ID, in.PID)
		if in.State == nil {
			continue
		}
		for _, p := range in.State.Plugins {
			add("plugin", in.ID+" "+p.Version, p.PID)
		}
	}
	w.folder.each(func(part string, pid int) {
		if !known[part] {
			add("router", part, pid)
		}
	})
	slices.SortFunc(all.Processes, func(a, b wire.Process) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	serving.Answer(to, http.StatusOK, all)
}
