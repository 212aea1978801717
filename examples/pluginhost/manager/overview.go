package manager

import (
	"net/http"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// Overview is GET /overview of a manager: where everything is, for people, tests and a
// Prometheus' list of targets.
type Overview struct {
	At        time.Time   `json:"at"`
	Router    string      `json:"router"` // host:port; "": not known yet
	Table     wire.Table  `json:"table"`  // in force
	Instances []Inhabited `json:"instances"`
	// Backends is whose counters each backend of a HAProxy has, by the backend's name: a version's,
	// or a slot's, also where that has left. Empty with the host's own router, which names them.
	Backends map[string]string `json:"backends,omitempty"`
}

// Inhabited is an instance and its process.
type Inhabited struct {
	ID      string        `json:"id"`
	Slot    string        `json:"slot"`
	Address string        `json:"address,omitempty"`
	PID     int           `json:"pid,omitempty"`
	Deaths  int           `json:"deaths"` // in the last day
	Trouble string        `json:"trouble,omitempty"`
	State   *wire.Holding `json:"state,omitempty"` // as it said last
}

// Overview says where everything is.
func (w *World) Overview() Overview {
	o := Overview{Instances: []Inhabited{}}
	if proxy, ok := w.router.(interface{ Counted() map[string]string }); ok {
		o.Backends = proxy.Counted() // before the lock: it may have to wait for HAProxy
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	o.At, o.Router, o.Table = time.Now().UTC(), w.router.Address(), w.inForce
	for _, want := range w.want.Instances {
		one := Inhabited{ID: want.ID, Slot: want.Slot}
		if in := w.runs[want.ID]; in != nil {
			one.Address, one.Deaths, one.Trouble, one.State = in.address, len(in.deaths), in.fails(want), in.seen
			if in.proc != nil && in.proc.alive() {
				one.PID = in.proc.handle.Pid
			}
		}
		o.Instances = append(o.Instances, one)
	}
	return o
}

func (w *World) answerOverview(to http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		to.Header().Set("Allow", "GET")
		http.Error(to, "GET", http.StatusMethodNotAllowed)
		return
	}
	serving.Answer(to, http.StatusOK, w.Overview())
}
