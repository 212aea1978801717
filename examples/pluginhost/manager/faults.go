package manager

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// answerFaults is PUT and GET /faults: what versions are made to do wrong, on all instances,
// also on those that start later.
func (w *World) answerFaults(to http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
	case http.MethodPut:
		var f wire.Faults
		d := json.NewDecoder(http.MaxBytesReader(to, r.Body, 1<<20))
		d.DisallowUnknownFields()
		err := d.Decode(&f)
		if err == nil {
			err = checkFaults(&f)
		}
		if err != nil {
			http.Error(to, err.Error(), http.StatusBadRequest)
			return
		}
		if err := w.change(func(d *desired) error { d.Faults = f; return nil }); err != nil {
			http.Error(to, err.Error(), http.StatusInternalServerError)
			return
		}
	default:
		to.Header().Set("Allow", "GET, PUT")
		http.Error(to, "GET or PUT", http.StatusMethodNotAllowed)
		return
	}
	w.mu.Lock()
	f := w.want.Faults
	w.mu.Unlock()
	if f.Faults == nil {
		f.Faults = []wire.Fault{}
	}
	serving.Answer(to, http.StatusOK, f)
}

// checkFaults finds all that is wrong with faults.
func checkFaults(f *wire.Faults) error {
	var wrong []error
	for i := range f.Faults {
		checkFault(&f.Faults[i], func(format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("faults[%d]: %s", i, fmt.Sprintf(format, args...)))
		})
	}
	return errors.Join(wrong...)
}

func checkFault(f *wire.Fault, say func(format string, args ...any)) {
	if f.Version == "" {
		say("version is missing")
	}
	for _, n := range []struct {
		name     string
		is, most float64
	}{{"errorRate", f.ErrorRate, 1}, {"panicRate", f.PanicRate, 1}, {"latencyMs", f.LatencyMS, 60_000}, {"leakBytes", float64(f.LeakBytes), 64 << 20}} {
		if !(n.is >= 0 && n.is <= n.most) {
			say("%s: %g is not in 0..%g", n.name, n.is, n.most)
		}
	}
	if f.Probes != "" && f.Probes != "ok" && f.Probes != "fail" {
		say("probes: %q is neither ok nor fail", f.Probes)
	}
}
