package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// recorded is how a rollout is kept.
type recorded struct {
	Format     int                  `json:"format"`
	Rollout    string               `json:"rollout"`
	Ordinal    int64                `json:"ordinal"`
	Plan       string               `json:"plan"`
	Digest     string               `json:"digest"`
	Targets    string               `json:"targets"`
	Head       contract.RolloutHead `json:"head"`
	Deployment json.RawMessage      `json:"deployment,omitempty"`
	Owner      string               `json:"owner,omitempty"`
}

// recordedFormat is the version of that form. A newer one is refused.
const recordedFormat = 1

// written is how an event is kept.
type written struct {
	Event string               `json:"event"`
	Head  contract.RolloutHead `json:"head"`
}

// eventName is where a keeper has events: behind it stand the hash of the rollout's id and
// the number.
const eventName = "event-"

func nameOfEvent(rollout string, seq int64) string {
	return fmt.Sprintf("%s%s-%012d", eventName, contract.DigestOf([]byte(rollout)), seq)
}

// load reads what is kept, once.
func (l *Ledger) load() error {
	if l.read {
		return nil
	}
	names, err := l.keeper.Names()
	if err != nil {
		return err
	}
	last := map[string]int64{} // number of the last event, by the hash of the id
	for _, name := range names {
		if rest, ok := strings.CutPrefix(name, eventName); ok {
			hash, number, _ := strings.Cut(rest, "-")
			if seq, err := strconv.ParseInt(number, 10, 64); err == nil {
				last[hash] = max(last[hash], seq+1)
			}
		}
	}
	l.all = nil
	for _, name := range names {
		hash, ok := strings.CutPrefix(name, besideName)
		if !ok {
			continue
		}
		e, err := l.loadEntry(name, last[hash])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		l.all = append(l.all, e)
	}
	slices.SortFunc(l.all, func(a, b *entry) int { return int(a.Ordinal - b.Ordinal) })
	l.read = true
	return nil
}

func (l *Ledger) loadEntry(name string, next int64) (*entry, error) {
	r, err := l.recorded(name)
	if err != nil {
		return nil, err
	}
	e := &entry{ID: r.Rollout, Ordinal: r.Ordinal, Digest: r.Digest, Targets: r.Targets, Owner: r.Owner, Head: r.Head, next: next}
	if next > 0 {
		w, err := l.written(r.Rollout, next-1)
		if err != nil {
			return nil, err
		}
		e.Head = w.Head
	}
	return e, nil
}

func (l *Ledger) recorded(name string) (*recorded, error) {
	text, err := l.keeper.Get(name)
	if err != nil {
		return nil, err
	}
	var r recorded
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	return &r, engine.RefuseNewer("what is kept of "+r.Rollout, r.Format, recordedFormat)
}

func (l *Ledger) written(rollout string, seq int64) (*written, error) {
	text, err := l.keeper.Get(nameOfEvent(rollout, seq))
	if err != nil {
		return nil, err
	}
	var w written
	return &w, json.Unmarshal(text, &w)
}

// put keeps v in JSON under a name.
func (l *Ledger) put(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return l.keeper.Put(name, text)
}
