package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// claimsFile remembers beside a fleet who took finished rollouts over without a
// rollout of its own.
//
// Replacing with create_before_destroy creates the successor first. Where it asks
// for the version that runs already it takes the latest rollout as its own, and the
// destroy of its predecessor, a moment later or, where that fails, in a later apply,
// would see that very rollout as the latest and roll it back under the successor's
// feet. So the successor claims the rollout, and keeps the word by which it did.
//
// The fleet's lock is held while the file is read and written.
type claimsFile struct{ path string }

// anybody is the owner that an imported resource has: it stands for whichever
// resource was there before.
const anybody = "anybody"

// claim makes a rollout somebody's, and returns by which word that one is known.
func (f claimsFile) claim(_ context.Context, rollout string) (owner string, err error) {
	claimed, err := f.read()
	if err != nil {
		return "", err
	}
	claimed[rollout]++
	data, err := json.Marshal(claimed)
	if err != nil {
		return "", err
	}
	next := f.path + ".next"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return "", err
	}
	return ownerOf(rollout, claimed[rollout]), os.Rename(next, f.path)
}

// owner is who claimed a rollout last; "" is that nobody did.
func (f claimsFile) owner(_ context.Context, rollout string) (string, error) {
	claimed, err := f.read()
	return ownerOf(rollout, claimed[rollout]), err
}

// read is how often each rollout was claimed.
func (f claimsFile) read() (map[string]int, error) {
	claimed := map[string]int{}
	data, err := os.ReadFile(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return claimed, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &claimed)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", f.path, err)
	}
	return claimed, nil
}

func ownerOf(rollout string, times int) string {
	if times == 0 {
		return ""
	}
	return fmt.Sprintf("%s#%d", rollout, times)
}
