package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The versions of the form of journals. Up to listedFormat the plan was written as a
// whole, with its tenants in it or beside it. Files of these forms are read, and written
// on.
const (
	wholeFormat   = 1
	listedFormat  = 2
	journalFormat = 3
)

// head is the first line of a file.
type head struct {
	Format    int                   `json:"format"`
	Digest    string                `json:"digest"` // of the plan
	Plan      json.RawMessage       `json:"plan"`   // the bytes of engine.EncodePlan
	Instances []engine.PlanInstance `json:"instances"`
	Tenants   []engine.Tenant       `json:"tenants,omitempty"`
	Listed    *listed               `json:"listed,omitempty"` // the tenants, where there are many
}

// oldHead is that of the forms before.
type oldHead struct {
	Plan   engine.Plan `json:"plan"`
	Listed *listed     `json:"tenants"`
}

// head takes the first record. Whose journal it is becomes known wherever it can be told,
// also of one that a newer version wrote.
func (c *contents) head(body []byte, list func(name string) ([]engine.Tenant, error)) error {
	var known struct {
		Format int      `json:"format"`
		Plan   identity `json:"plan"`
	}
	err := json.Unmarshal(body, &known)
	newer := engine.RefuseNewer("the journal", known.Format, journalFormat)
	if newer == nil {
		newer = engine.RefuseNewer("the plan of "+known.Plan.Rollout, known.Plan.Format, engine.PlanFormat)
	}
	switch {
	case newer != nil:
		err = newer
	case err == nil && known.Format < wholeFormat:
		err = errors.New("has no format")
	}
	if known.Plan.Rollout != "" && known.Plan.Spec.PluginID != "" {
		c.who = known.Plan
	}
	if err != nil {
		return err
	}
	if known.Format <= listedFormat {
		return c.oldHead(body, list)
	}
	var h head
	if err := json.Unmarshal(body, &h); err != nil {
		return err
	}
	if h.Tenants, err = c.tenants(h.Tenants, h.Listed, list); err != nil {
		return err
	}
	c.plan, err = engine.DecodePlan(h.Plan, h.Digest, h.Instances, h.Tenants)
	return err
}

// oldHead is head, for the forms before.
func (c *contents) oldHead(body []byte, list func(name string) ([]engine.Tenant, error)) error {
	var h oldHead
	if err := json.Unmarshal(body, &h); err != nil {
		return err
	}
	var err error
	if h.Plan.Tenants, err = c.tenants(h.Plan.Tenants, h.Listed, list); err != nil {
		return err
	}
	if err := engine.CheckPlan(&h.Plan); err != nil {
		return err
	}
	c.plan = &h.Plan
	return nil
}

// tenants are those in the file, or else those of a list.
func (c *contents) tenants(within []engine.Tenant, l *listed, list func(name string) ([]engine.Tenant, error)) ([]engine.Tenant, error) {
	if l == nil {
		return within, nil
	}
	c.list = l.List
	tenants, err := list(l.List)
	if err != nil {
		return nil, err
	}
	return l.unpack(tenants)
}

// create writes a new file. It appears whole.
func (f *Journals) create(name string, p *engine.Plan) error {
	h := head{Format: journalFormat, Digest: p.Digest, Plan: engine.EncodePlan(p), Instances: p.Instances, Tenants: p.Tenants}
	if len(p.Tenants) >= manyTenants {
		list, rest := pack(p.Tenants)
		if err := f.writeList(rest.List, list); err != nil {
			return err
		}
		h.Tenants, h.Listed = nil, &rest
	}
	line, err := record(h)
	if err != nil {
		return err
	}
	path := filepath.Join(f.dir, name)
	tmp, err := f.temporary(".begin-*", line)
	if err != nil {
		return err
	}
	err = os.Link(tmp, path) // not Rename, which takes the place of what is there
	if err = errors.Join(err, os.Remove(tmp)); err != nil {
		return fmt.Errorf("%s cannot be begun: %w", path, err)
	}
	c := contents{plan: p, size: int64(len(line))}
	if h.Listed != nil {
		c.list = h.Listed.List
	}
	f.last = lastRead{path, c}
	return f.syncFolder(f.dir)
}

// temporary writes a new file under a name that nobody has, and gives it.
func (f *Journals) temporary(pattern string, data []byte) (path string, err error) {
	tmp, err := os.CreateTemp(f.dir, pattern)
	if err != nil {
		return "", err
	}
	_, err = tmp.Write(data)
	if err == nil && !f.Unsynced {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return "", errors.Join(err, os.Remove(tmp.Name()))
	}
	return tmp.Name(), nil
}
