package manager

import "testing"

// TestSpareHoldsEachTime: who was told to start the manager with a greater --spare gets the room.
func TestSpareHoldsEachTime(t *testing.T) {
	s := Settings{Dir: t.TempDir(), Catalogue: func(string) error { return nil }, Version: "1.5.0", Instances: 3, Tenants: 4}
	for _, spare := range []int{2, 2, 5, 0, 1} {
		s.Spare = spare
		w, err := Open(s)
		if err != nil {
			t.Fatal(err)
		}
		h, err := w.Describe(t.Context())
		if err != nil || h.Spare != spare {
			t.Errorf("with --spare %d there is room for %d, %v", spare, h.Spare, err)
		}
		s.Instances = 20 // which is of a new fleet
	}
}
