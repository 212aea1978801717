package instance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// mostAdmin is how long a body below /admin/ may be.
const mostAdmin = 4 << 20

// admin answers below /admin/.
func (i *Instance) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/state", func(w http.ResponseWriter, _ *http.Request) { serving.Answer(w, http.StatusOK, i.State()) })
	mux.HandleFunc("GET /admin/counts", func(w http.ResponseWriter, _ *http.Request) {
		serving.Answer(w, http.StatusOK, wire.Counts{Boot: i.boot, At: time.Now().UTC(), Counts: i.tallies.tell()})
	})
	mux.HandleFunc("PUT /admin/plugins/{version}", i.putPlugin)
	mux.HandleFunc("DELETE /admin/plugins/{version}", func(w http.ResponseWriter, r *http.Request) {
		i.shelf.drop(r.PathValue("version"))
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("PUT /admin/default", i.putDefault)
	mux.HandleFunc("PUT /admin/faults", i.putFaults)
	mux.HandleFunc("POST /admin/drain", i.postDrain)
	return serving.Known(i.options.Token, mux)
}

func (i *Instance) putPlugin(w http.ResponseWriter, r *http.Request) {
	v, err := catalogue.Find(i.options.Catalogue, i.options.Plugin, r.PathValue("version"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	i.hold(v)
	w.WriteHeader(http.StatusAccepted)
}

func (i *Instance) putDefault(w http.ResponseWriter, r *http.Request) {
	var served wire.Served
	if !read(w, r, &served) {
		return
	}
	if err := i.shelf.serve(served.Version); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	i.options.Log.Info("served by default", "version", served.Version)
	w.WriteHeader(http.StatusNoContent)
}

func (i *Instance) putFaults(w http.ResponseWriter, r *http.Request) {
	var faults wire.Faults
	if !read(w, r, &faults) {
		return
	}
	if problems := checkFaults(faults.Faults); len(problems) > 0 {
		http.Error(w, strings.Join(problems, "\n"), http.StatusBadRequest)
		return
	}
	i.shelf.misbehave(faults.Faults)
	w.WriteHeader(http.StatusNoContent)
}

// checkFaults is everything that is wrong with faults.
func checkFaults(faults []wire.Fault) []string {
	var problems []string
	said := map[[2]string]bool{}
	for n, f := range faults {
		prefix := fmt.Sprintf("faults[%d].", n)
		if f.Version == "" {
			problems = append(problems, prefix+"version: it is missing")
		}
		if key := [2]string{f.Version, f.Tenant}; said[key] {
			problems = append(problems, fmt.Sprintf("%stenant: there are two faults of version %q and tenant %q", prefix, f.Version, f.Tenant))
		} else {
			said[key] = true
		}
		problems = append(problems, catalogue.Check(prefix, plugin.Behaviour{LatencyMS: f.LatencyMS, ErrorRate: f.ErrorRate, LeakBytes: f.LeakBytes, PanicRate: f.PanicRate})...)
		if err := catalogue.CheckProbes(f.Probes); err != nil {
			problems = append(problems, prefix+err.Error())
		}
		if f.Probes != "" && f.Tenant != "" {
			problems = append(problems, prefix+"probes: they are no tenant's")
		}
	}
	return problems
}

// drained is what POST /admin/drain answers.
type drained struct {
	InFlight int64 `json:"inFlight"` // requests that were not over in time
}

func (i *Instance) postDrain(w http.ResponseWriter, r *http.Request) {
	within := 10 * time.Second
	if text := r.URL.Query().Get("within"); text != "" {
		var err error
		if within, err = time.ParseDuration(text); err != nil || within < 0 {
			http.Error(w, fmt.Sprintf("within=%q wants to be a duration, like 10s", text), http.StatusBadRequest)
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), within)
	defer cancel()
	i.options.Log.Info("drains")
	serving.Answer(w, http.StatusOK, drained{i.gate.drain(ctx)})
}

// read reads a body strictly, and answers where it cannot.
func read(w http.ResponseWriter, r *http.Request, to any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostAdmin))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		http.Error(w, "the body: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}
