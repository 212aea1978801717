package provider

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// paceFile says of a rollout of a simulated fleet that it was left to the fleet's clock.
const paceFile = "pace.json"

// pace is what it says: which rollout, and when that was, here and there.
type pace struct {
	Rollout string    `json:"rollout"`
	Here    time.Time `json:"here"`
	There   time.Time `json:"there"`
}

// readPace is what was left in a folder; nil: nothing.
func readPace(folder string) (*pace, error) {
	text, err := os.ReadFile(filepath.Join(folder, paceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var p *pace
	if json.Unmarshal(text, &p) != nil {
		p = nil // then nothing was left: the rollout is unattended, which a refresh says, and an apply mends
	}
	return p, nil
}

// leave implements paced: it does what can be done now, and notes when that was.
func (w *simulatedWorld) leave(ctx context.Context, rollout walking) error {
	if err := w.walkUntil(ctx, rollout, w.Now().Add(1)); err != nil || settled(rollout) {
		return err
	}
	text, err := json.Marshal(pace{rollout.Plan().Rollout, new(walker.Time).Now(), w.Now()})
	if err != nil {
		return err
	}
	return durable.Write(filepath.Join(w.folder, paceFile), text, 0o644)
}

// walkUntil walks a rollout up to a time of its world.
func (w *simulatedWorld) walkUntil(ctx context.Context, rollout walking, until time.Time) error {
	err := rollout.Walk(ctx, w.Clock(true), walker.Options{Deadline: until})
	if errors.Is(err, walker.ErrDeadline) {
		return nil
	}
	return err
}

// settled says whether a rollout does not go on by itself any more.
func settled(rollout walking) bool {
	s := rollout.State()
	return !s.InFlight() || s.Phase == engine.PhasePaused || s.Phase == engine.PhaseHeld && engine.HoldEnds(rollout.Plan(), &s).IsZero()
}

// catchUp implements pacedWorlds: what was left to the clock goes on for as long as real time
// went by since, at the fleet's time scale; 0 is as fast as possible.
func (s *simulatedWorlds) catchUp(ctx context.Context, e engine.Environment, plugin string) error {
	if p, err := readPace(simulator.Folder(s.path, e, plugin)); p == nil {
		return err
	}
	opened, err := s.open(ctx, e, plugin)
	if err != nil {
		return err
	}
	w, ok := opened.(*simulatedWorld)
	if !ok {
		return opened.Close()
	}
	return errors.Join(w.catchUp(ctx), w.Close())
}

func (w *simulatedWorld) catchUp(ctx context.Context) error {
	p, err := readPace(w.folder)
	if p == nil {
		return err
	}
	rollout, err := goOnWalking(ctx, w, p.Rollout)
	if errors.Is(err, engine.ErrNoJournal) {
		return w.forgetPace()
	}
	if err == nil {
		err = w.walkUntil(ctx, rollout, p.now(w.timeScale))
	}
	if err == nil && settled(rollout) {
		err = w.forgetPace()
	}
	return err
}

// now is the time of the world by the time of this machine.
func (p *pace) now(scale float64) time.Time {
	const most = 100 * 365 * 24 * time.Hour
	passed := new(walker.Time).Now().Sub(p.Here)
	ran := float64(passed) * scale
	if scale == 0 || ran > float64(most) {
		ran = float64(most)
	}
	return p.There.Add(time.Duration(math.Max(0, ran)))
}

// forgetPace notes that nothing is left to the clock any more.
func (w *simulatedWorld) forgetPace() error {
	err := os.Remove(filepath.Join(w.folder, paceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// takeBack implements paced.
func (w *simulatedWorld) takeBack() error { return w.forgetPace() }

// isPaced says whether a rollout was left to the clock.
func (w *simulatedWorld) isPaced(rollout string) bool {
	p, err := readPace(w.folder)
	return err == nil && p != nil && p.Rollout == rollout
}
