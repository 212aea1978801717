package instance

import (
	"errors"
	"io"
	"net/http"
)

// ready is why the instance says of itself that it is not ready; nil where it is.
func (i *Instance) ready() error {
	if i.gate.isShut() { // which no version has a say in
		return errors.New("draining")
	}
	switch i.shelf.probes() {
	case "ok":
		return nil
	case "fail":
		return errors.New("the version has probes fail")
	}
	return i.shelf.unready()
}

// readyz says whether it takes requests, and counts that it was asked.
func (i *Instance) readyz(w http.ResponseWriter, _ *http.Request) {
	err := i.ready()
	i.probes.Add(1)
	if err != nil {
		i.probesFailed.Add(1)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ready\n")
}

// healthz says that the process lives, unless the version that is served has it say otherwise.
func (i *Instance) healthz(w http.ResponseWriter, _ *http.Request) {
	if i.shelf.probes() == "fail" {
		http.Error(w, "the version has probes fail", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "alive\n")
}
