package server

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// beside is what of a rollout is kept beside its journal.
type beside struct {
	Rollout    string          `json:"rollout"`
	Targets    string          `json:"targets"` // digest of the list
	Deployment json.RawMessage `json:"deployment,omitempty"`
	Owner      string          `json:"owner,omitempty"`
}

// besideName is where a keeper has it: behind it stands the hash of the id, which may be
// longer than the name of a file, and differ from another one's in upper case alone.
const besideName = "rollout-"

func nameOf(rollout string) string { return besideName + contract.DigestOf([]byte(rollout)) }

// beside is what is kept of a rollout. One that began without the contract has the list
// that its plan would have, written down when it is asked for.
func (w *world) beside(id string, plan *engine.Plan) (*beside, error) {
	text, err := w.Keeper.Get(nameOf(id))
	if err == nil {
		b := &beside{}
		return b, json.Unmarshal(text, b)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	list := contract.EncodeTargets(engine.Targets{Instances: plan.Instances, Tenants: plan.Tenants})
	b := &beside{Rollout: id, Targets: contract.DigestOf(list)}
	if _, err := w.lists.put(b.Targets, list); err != nil {
		return nil, err
	}
	return b, w.keep(b)
}

func (w *world) keep(b *beside) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := w.Keeper.Put(nameOf(b.Rollout), text); err != nil {
		return err
	}
	w.refer(nameOf(b.Rollout), b.Targets)
	return nil
}

// forget drops what is kept beside journals that are not there any more.
func (w *world) forget(ctx context.Context) error {
	heads, err := w.Journals.List(ctx, w.Environment, w.Plugin, engine.Filter{})
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range heads {
		there[nameOf(heads[i].Rollout)] = true
	}
	names, err := w.Keeper.Names()
	for _, name := range names {
		if strings.HasPrefix(name, besideName) && !there[name] {
			err = errors.Join(err, w.Keeper.Delete(name))
			w.refer(name, "")
		}
	}
	return err
}

// referred are the lists that rollouts refer to. They are read once, and known from then on.
func (w *world) referred() (map[string]bool, error) {
	w.references.Lock()
	defer w.references.Unlock()
	if w.refers == nil {
		refers, err := w.readReferences()
		if err != nil {
			return nil, err
		}
		w.refers = refers
	}
	needed := make(map[string]bool, len(w.refers))
	for _, digest := range w.refers {
		needed[digest] = true
	}
	return needed, nil
}

func (w *world) readReferences() (map[string]string, error) {
	names, err := w.Keeper.Names()
	if err != nil {
		return nil, err
	}
	refers := map[string]string{}
	for _, name := range names {
		if !strings.HasPrefix(name, besideName) {
			continue
		}
		text, err := w.Keeper.Get(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var b beside
		if err == nil {
			err = json.Unmarshal(text, &b)
		}
		if err != nil {
			return nil, err
		}
		refers[name] = b.Targets
	}
	return refers, nil
}

// refer notes that what is kept under a name refers to a list; "": it is not kept any more.
func (w *world) refer(name, digest string) {
	w.references.Lock()
	defer w.references.Unlock()
	switch {
	case w.refers == nil: // it is read before it is needed
	case digest == "":
		delete(w.refers, name)
	default:
		w.refers[name] = digest
	}
}

// mostOwner is how many bytes an owner has at most.
const mostOwner = 300

// putOwner says whose a rollout is.
func (w *world) putOwner(x *exchange) error {
	id, j, err := w.find(x)
	if err != nil {
		return err
	}
	var body contract.Owner
	if err := x.body(&body); err != nil {
		return err
	}
	if n := max(len(body.Owner), len(body.Previous)); n > mostOwner {
		return wrong("owner", "has %d bytes, and at most %d are taken", n, mostOwner)
	}
	w.rollouts.Lock()
	defer w.rollouts.Unlock()
	b, err := w.beside(id, j.plan)
	if err != nil {
		return err
	}
	if b.Owner != body.Previous {
		return refuse(contract.OwnerDiffers, "the owner is %q, and was said to be %q", b.Owner, body.Previous)
	}
	b.Owner = body.Owner
	if err := w.keep(b); err != nil {
		return err
	}
	return x.taken(http.StatusOK)
}
