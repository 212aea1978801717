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
		one := &f.Faults[i]
		say := func(format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("faults[%d]: "+format, append([]any{i}, args...)...))
		}
		if one.Version == "" {
			say("version is missing")
		}
		if !(one.ErrorRate >= 0 && one.ErrorRate <= 1) {
			say("errorRate: %g is not in 0..1", one.ErrorRate)
		}
		if !(one.PanicRate >= 0 && one.PanicRate <= 1) {
			say("panicRate: %g is not in 0..1", one.PanicRate)
		}
		if !(one.LatencyMS >= 0 && one.LatencyMS <= 60_000) {
			say("latencyMs: %g is not in 0..60000", one.LatencyMS)
		}
		if one.LeakBytes < 0 || one.LeakBytes > 1<<30 {
			say("leakBytes: %d is not in 0..%d", one.LeakBytes, 1<<30)
		}
		if one.Probes != "" && one.Probes != "ok" && one.Probes != "fail" {
			say("probes: %q is neither ok nor fail", one.Probes)
		}
	}
	return errors.Join(wrong...)
}
