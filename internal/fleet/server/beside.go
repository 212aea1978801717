package server

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// beside is what of a rollout is kept beside its journal, see [decoded].
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
func (d *decoded) beside(id string, plan *engine.Plan) (*beside, error) {
	text, err := d.Keeper.Get(nameOf(id))
	if err == nil {
		b := &beside{}
		return b, json.Unmarshal(text, b)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	list := contract.EncodeTargets(engine.Targets{Instances: plan.Instances, Tenants: plan.Tenants})
	b := &beside{Rollout: id, Targets: contract.DigestOf(list)}
	if _, err := d.lists.put(b.Targets, list); err != nil {
		return nil, err
	}
	return b, d.keep(b)
}

func (d *decoded) keep(b *beside) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := d.Keeper.Put(nameOf(b.Rollout), text); err != nil {
		return err
	}
	d.refer(nameOf(b.Rollout), b.Targets)
	return nil
}

// forget drops what is kept beside journals that are not there any more.
func (d *decoded) forget(ctx context.Context) error {
	heads, err := d.Journals.List(ctx, d.Environment, d.Plugin, engine.Filter{})
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range heads {
		there[nameOf(heads[i].Rollout)] = true
	}
	names, err := d.Keeper.Names()
	for _, name := range names {
		if strings.HasPrefix(name, besideName) && !there[name] {
			err = errors.Join(err, d.Keeper.Delete(name))
			d.refer(name, "")
		}
	}
	return err
}

// referred are the lists that rollouts refer to. They are read once, and known from then on.
func (d *decoded) referred() (map[string]bool, error) {
	d.references.Lock()
	defer d.references.Unlock()
	if d.refers == nil {
		refers, err := d.readReferences()
		if err != nil {
			return nil, err
		}
		d.refers = refers
	}
	needed := make(map[string]bool, len(d.refers))
	for _, digest := range d.refers {
		needed[digest] = true
	}
	return needed, nil
}

func (d *decoded) readReferences() (map[string]string, error) {
	names, err := d.Keeper.Names()
	if err != nil {
		return nil, err
	}
	refers := map[string]string{}
	for _, name := range names {
		if !strings.HasPrefix(name, besideName) {
			continue
		}
		text, err := d.Keeper.Get(name)
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
func (d *decoded) refer(name, digest string) {
	d.references.Lock()
	defer d.references.Unlock()
	switch {
	case d.refers == nil: // it is read before it is needed
	case digest == "":
		delete(d.refers, name)
	default:
		d.refers[name] = digest
	}
}
