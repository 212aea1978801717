package router

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// mostTable is how many bytes a table may have: 100,000 pins are some 4 MB.
const mostTable = 64 << 20

// putTable puts a table in force. What is answered with 200 outlives the process.
func (r *Router) putTable(w http.ResponseWriter, req *http.Request) {
	var t wire.Table
	d := json.NewDecoder(http.MaxBytesReader(w, req.Body, mostTable))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		http.Error(w, "the body is no table: "+err.Error(), http.StatusBadRequest)
		return
	}
	if err := Check(&t); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.change.Lock()
	defer r.change.Unlock()
	now := r.Table()
	if t.Revision < now.Revision {
		http.Error(w, fmt.Sprintf("revision %d is below %d, which is in force", t.Revision, now.Revision), http.StatusConflict)
		return
	}
	if t.Revision == now.Revision && !reflect.DeepEqual(t, now) {
		http.Error(w, fmt.Sprintf("another table of revision %d is in force", now.Revision), http.StatusConflict)
		return
	}
	if err := r.store.keep(&t); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	r.plan.Store(NewPlan(t))
	r.metrics.revision.Set(float64(t.Revision))
	r.metrics.forget(r.peers.keep(t.Instances))
	serving.Answer(w, http.StatusOK, r.routing())
}

func (r *Router) getTable(w http.ResponseWriter, _ *http.Request) {
	serving.Answer(w, http.StatusOK, r.routing())
}

func (r *Router) routing() wire.Routing {
	return wire.Routing{Table: r.Table(), Boot: r.boot, InFlight: r.peers.inFlight()}
}
