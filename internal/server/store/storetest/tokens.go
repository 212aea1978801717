package storetest

import (
	"bytes"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// tokens makes, finds, uses and removes tokens.
func tokens(t *testing.T, open func(*testing.T) store.Store) {
	ctx := t.Context()
	one := store.Token{ID: "t_1", Name: "ci", Hash: [32]byte{1, 0, 2}, Grants: []byte(`[{"role": "read"}]`), Made: at, MadeBy: "anna"}
	two := store.Token{ID: "t_2", Name: "ü", Hash: [32]byte{3}, Grants: []byte(`[]`), Made: at.Add(1), MadeBy: "anna", Expires: at.Add(time.Hour)}
	for _, token := range []store.Token{two, one} {
		if err := open(t).AddToken(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range []store.Token{{ID: "t_1", Hash: [32]byte{9}}, {ID: "t_9", Hash: one.Hash}} {
		if err := open(t).AddToken(ctx, token); err == nil {
			t.Errorf("%s was added beside the one that is the same", token.ID)
		}
	}
	if got, err := open(t).Token(ctx, two.Hash); err != nil || !reflect.DeepEqual(got, two) {
		t.Errorf("Token: %+v, %v", got, err)
	}
	if _, err := open(t).Token(ctx, [32]byte{9}); !errors.Is(err, store.ErrNoToken) {
		t.Errorf("Token of none: %v", err)
	}
	for _, used := range []time.Duration{5, 3} { // the news of an earlier use may come later
		if err := open(t).UsedToken(ctx, "t_1", at.Add(used)); err != nil {
			t.Error(err)
		}
	}
	one.Used = at.Add(5)
	if all, err := open(t).ListTokens(ctx); err != nil || !reflect.DeepEqual(all, []store.Token{one, two}) {
		t.Errorf("ListTokens: %+v, %v", all, err)
	}
	if err := open(t).RemoveToken(ctx, "t_1"); err != nil {
		t.Error(err)
	}
	if err := open(t).RemoveToken(ctx, "t_1"); !errors.Is(err, store.ErrNoToken) {
		t.Errorf("RemoveToken of none: %v", err)
	}
	if _, err := open(t).Token(ctx, one.Hash); !errors.Is(err, store.ErrNoToken) {
		t.Errorf("Token of one that was removed: %v", err)
	}
}

// audits writes lines and reads them page by page.
func audits(t *testing.T, open func(*testing.T) store.Store) {
	ctx := t.Context()
	want := store.Audit{At: at, Actor: "token ci", Action: "start", Environment: "qa", Plugin: "gateway", Rollout: "r", Reason: "lunch", Refused: "no", Request: "q"}
	var all sync.WaitGroup
	for range 5 {
		s := open(t)
		all.Go(func() {
			if err := s.Audit(ctx, want); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var below int64
	for range 2 {
		as, err := open(t).ListAudits(ctx, below, 2)
		if err != nil || len(as) != 2 {
			t.Fatalf("ListAudits below %d: %+v, %v", below, as, err)
		}
		for _, a := range as {
			if below != 0 && a.ID >= below {
				t.Errorf("line %d comes after line %d", a.ID, below)
			}
			if below, a.ID = a.ID, 0; a != want {
				t.Errorf("got  %+v\nwant %+v", a, want)
			}
		}
	}
}

// secrets are the same for all, and differ by name.
func secrets(t *testing.T, open func(*testing.T) store.Store) {
	const callers = 4
	var got [callers][]byte
	var all sync.WaitGroup
	for i := range callers {
		s := open(t)
		all.Go(func() {
			var err error
			if got[i], err = s.Secret(t.Context(), "sessions"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	other, err := open(t).Secret(t.Context(), "other")
	if err != nil || len(other) != 32 || bytes.Equal(other, got[0]) {
		t.Errorf("the other secret is %x, %v", other, err)
	}
	for _, s := range got {
		if len(s) != 32 || !bytes.Equal(s, got[0]) {
			t.Errorf("the secrets are %x and %x", s, got[0])
		}
	}
	if err := open(t).Ready(t.Context()); err != nil {
		t.Errorf("Ready: %v", err)
	}
}
