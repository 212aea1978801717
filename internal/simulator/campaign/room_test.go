package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"
)

// TestRoom: campaigns that are under way at once use no more than the room, unless one
// run alone is larger; the figures are the same as without.
func TestRoom(t *testing.T) {
	s := library(t, "guide-canary-regression")
	alone, err := json.Marshal(play1(t, s, Options{Runs: 30, Seed: 2}))
	if err != nil {
		t.Fatal(err)
	}
	for _, runs := range []int64{0, 1, 3} { // so many have room at once
		room := NewRoom(runs * needOf(s))
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				f, err := Run(context.Background(), s, Options{Runs: 30, Seed: 2, Workers: 8, Room: room})
				if err != nil {
					t.Error(err)
					return
				}
				if data, err := json.Marshal(f); err != nil || string(data) != string(alone) {
					t.Errorf("%v, %s, want %s", err, data, alone)
				}
			})
		}
		all.Wait()
		if room.used != 0 || len(room.waiting) != 0 || room.most != max(1, runs)*needOf(s) {
			t.Errorf("room for %d: %d is used, at most %d were", runs, room.used, room.most)
		}
	}
}

// TestRoomIsLeft: who is interrupted while it waits leaves nothing behind.
func TestRoomIsLeft(t *testing.T) {
	room := NewRoom(10)
	if err := room.enter(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer stop()
	if err := room.enter(ctx, 8); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	entered := make(chan error)
	go func() { entered <- room.enter(context.Background(), 9) }()
	room.leave(8)
	if err := <-entered; err != nil || room.used != 9 {
		t.Errorf("%v, %d is used", err, room.used)
	}
}
