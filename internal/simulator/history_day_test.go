package simulator

import (
	"slices"
	"testing"
	"time"
)

// What a tenant sent in the day before stays what it was when what came next is forgotten.
func TestTheDayBeforeStays(t *testing.T) {
	w := enrolled(t, installed(DefaultConfig()))
	before := w.Snapshot().Tenants
	w.RunUntil(epoch.Add(96 * time.Hour))
	w.heard("r")
	data, err := w.Save()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(data) // which counts the day anew
	if err != nil {
		t.Fatal(err)
	}
	if after := again.Snapshot().Tenants; !slices.Equal(before, after) {
		t.Errorf("first it was %v, and now it is %v", before[0], after[0])
	}
}
