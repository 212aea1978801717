package sql

import (
	"context"
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Exec runs a statement as the writer does.
func (s *Store) Exec(ctx context.Context, query string, args ...any) error {
	return s.write(ctx, func(h handle) error {
		_, err := h.exec(ctx, query, args...)
		return err
	})
}

// Count asks for a number.
func (s *Store) Count(ctx context.Context, query string) (n int64, err error) {
	_, err = s.db.read().one(ctx, []any{&n}, query)
	return n, err
}

// Needless are those that are forgotten.
func Needless(all []engine.RolloutHead, keep int) []string { return needless(all, keep) }

// Pack and Unpack are how a plan is kept.
var Pack, Unpack = encodePlan, decodePlan

// Limit says how many pages the file may have; 0: as many as it has.
func (s *Store) Limit(ctx context.Context, pages int) error {
	db, ok := s.db.(*sqlite)
	if !ok {
		return nil
	}
	<-db.turn
	defer func() { db.turn <- struct{}{} }()
	_, err := handle{querier: db.conn}.exec(ctx, fmt.Sprintf("PRAGMA max_page_count(%d)", max(pages, 1)))
	return err
}

// IsFile says whether it is one of SQLite.
func (s *Store) IsFile() bool {
	_, is := s.db.(*sqlite)
	return is
}
