package simulated

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Spec is a fleet to open.
type Spec struct {
	Environment engine.Environment
	Plugin      string
	Config      simulator.Config
	// Scale is how many seconds of the world a second is, 1..MostScale. It holds when the
	// fleet is made.
	Scale int
}

// The files of a place: what it is like, the world, and what a server keeps of its rollouts.
const (
	aboutFile = "about.json"
	worldFile = "world.json"
	keptDir   = "kept"
)

// files are where a place is kept.
type files struct {
	folder string
	keeper server.Keeper
	ledger *server.Ledger
}

// about is what of a place never changes.
type about struct {
	Format int       `json:"format"`
	Origin time.Time `json:"origin"`
	Scale  int       `json:"scale"`
}

// aboutFormat is the version of the form of about. A newer one is refused.
const aboutFormat = 1

// open opens the fleet that is kept in a folder, or makes it there. clock is the machine's,
// and wait waits in its time.
func open(folder string, s Spec, clock func() time.Time, wait simulator.Sleep) (*Place, error) {
	if s.Scale < 1 || s.Scale > MostScale {
		return nil, fmt.Errorf("the time scale is %d, and not in 1..%d", s.Scale, MostScale)
	}
	kept := filepath.Join(folder, keptDir)
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return nil, err
	}
	keeper := server.NewFolder(kept)
	p := &Place{clock: clock, wait: wait, files: files{folder, keeper, server.NewLedger(keeper)}}
	p.files.ledger.Began = p.hear
	if err := p.readAbout(s.Scale); err != nil {
		return nil, err
	}
	if err := p.readWorld(s); err != nil {
		return nil, err
	}
	p.world.Attend()
	return p, nil
}

// readAbout reads since when the world lives, and how fast, or begins it.
func (p *Place) readAbout(scale int) error {
	path := filepath.Join(p.files.folder, aboutFile)
	a := about{Format: aboutFormat, Origin: p.clock().UTC().Truncate(time.Minute), Scale: scale}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if text, err = json.Marshal(a); err == nil {
			err = durable.Write(path, text, 0o644)
		}
		if err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(text, &a); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := engine.RefuseNewer(path, a.Format, aboutFormat); err != nil {
			return err
		}
		if a.Scale != scale {
			return fmt.Errorf("%s: the fleet lives with a time scale of %d, and not of %d: give it that, or another folder", path, a.Scale, scale)
		}
	}
	p.times = times{a.Origin, int64(scale)}
	return nil
}

// readWorld reads the world, or makes it.
func (p *Place) readWorld(s Spec) error {
	path := filepath.Join(p.files.folder, worldFile)
	heads, err := p.files.ledger.Heads()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if slices.ContainsFunc(heads, func(h engine.RolloutHead) bool { return h.Events > 0 }) {
			return fmt.Errorf("%s is missing, and what is kept beside it tells of rollouts: restore it, or take another folder for a new fleet", path)
		}
		if p.world, err = simulator.NewWorld(s.Config, s.Environment, s.Plugin); err != nil {
			return err
		}
		return p.save()
	}
	if err != nil {
		return err
	}
	if p.world, err = simulator.Load(text); err != nil {
		return fmt.Errorf("the simulated fleet in %s cannot be read: %w", path, err)
	}
	if err := p.world.Reconfigure(s.Config); err != nil {
		return &simulator.FolderError{Folder: p.files.folder, Err: err}
	}
	if len(heads) > 0 { // it may have begun a moment before the process died
		p.world.Hear(heads[0].Rollout)
	}
	return nil
}

// save keeps the world as it is, of whoever has it.
func (p *Place) save() error {
	text, err := p.world.Save()
	if err == nil {
		err = durable.Write(filepath.Join(p.files.folder, worldFile), text, 0o644)
	}
	if err != nil {
		return fmt.Errorf("the simulated fleet cannot be saved: %w", err)
	}
	return nil
}
