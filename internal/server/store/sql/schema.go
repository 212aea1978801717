package sql

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// The schema is made by files that are numbered from 1 and never changed: what a new version
// wants goes into a new file.
//
//go:embed migrations/*.sql
var migrations embed.FS

// steps are the files in their order.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	all := make([]string, len(names))
	for i, name := range names {
		if want := fmt.Sprintf("migrations/%04d.sql", i+1); name != want {
			return nil, fmt.Errorf("there is %s where %s belongs", name, want)
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all[i] = string(text)
	}
	return all, nil
}

// migrate brings the schema up to date, in one transaction, of which there is one at a time.
func migrate(ctx context.Context, db database, now time.Time) error {
	all, err := steps()
	if err != nil {
		return err
	}
	have, err := version(ctx, db)
	if err == nil && have == len(all) {
		return nil
	}
	return db.write(ctx, func(h handle) error {
		if h.postgres { // whose tables can be made by one only
			if _, err := h.exec(ctx, `SELECT pg_advisory_xact_lock(5004123811)`); err != nil {
				return err
			}
		}
		if _, err := h.exec(ctx, `CREATE TABLE IF NOT EXISTS hotswap_schema (version BIGINT PRIMARY KEY, at BIGINT NOT NULL)`); err != nil {
			return err
		}
		have, err := versionIn(ctx, h)
		if err != nil {
			return err
		}
		if have > len(all) {
			return fmt.Errorf("%s: its schema has version %d, and this program knows up to %d: it was used by a newer version of this program, which has to be used on",
				db.where(), have, len(all))
		}
		for i := have; i < len(all); i++ {
			if err := step(ctx, h, i+1, all[i], now); err != nil {
				return fmt.Errorf("%s: its schema cannot be brought from version %d to %d: %w", db.where(), i, i+1, err)
			}
		}
		return nil
	})
}

// step applies one file.
func step(ctx context.Context, h handle, number int, text string, now time.Time) error {
	if h.postgres { // which sorts texts by the rules of a language unless it is told not to
		text = strings.ReplaceAll(text, " TEXT", ` TEXT COLLATE "C"`)
	}
	if _, err := h.ExecContext(ctx, text); err != nil {
		return err
	}
	_, err := h.exec(ctx, `INSERT INTO hotswap_schema (version, at) VALUES (?, ?)`, number, nanos(now))
	return err
}

// version is that of the schema. The error may be that there is none.
func version(ctx context.Context, db database) (int, error) { return versionIn(ctx, db.read()) }

func versionIn(ctx context.Context, h handle) (have int, err error) {
	_, err = h.one(ctx, []any{&have}, `SELECT COALESCE(MAX(version), 0) FROM hotswap_schema`)
	return have, err
}
