package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// BackupFile writes a copy of an SQLite file, whether another process uses it or none does. It
// refuses a path that is taken, and a file that is not a store's. The schema stays as it is: the
// process that uses the file may be of another version.
func BackupFile(ctx context.Context, file, path string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); err != nil { // else it would be made
		return err
	}
	db := &sqlite{path: file}
	if err := db.ours(ctx); err != nil {
		return db.explain(err)
	}
	return db.explain(db.backup(ctx, path))
}

// ours says whether the file is a store's. It changes nothing of a file that is not.
func (db *sqlite) ours(ctx context.Context) (err error) {
	from, err := sql.Open("sqlite", address(db.path, []string{"busy_timeout(10000)", "query_only(1)"}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	var name string
	found, err := (handle{querier: from}).one(ctx, []any{&name}, `SELECT name FROM sqlite_master WHERE name = 'hotswap_schema'`)
	if err == nil && !found {
		err = fmt.Errorf("%s: it is not the database of a server of rollouts", db.path)
	}
	return err
}

// backup implements [database]. The copy appears whole: it is written under another name. A
// connection of its own reads the file, and writers go on meanwhile.
func (db *sqlite) backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: there is a file already: name another one for the backup", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".backup-*") // for its owner alone
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	from, err := sql.Open("sqlite", dsn(db.path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if _, err := from.ExecContext(ctx, `VACUUM INTO ?`, file.Name()); err != nil {
		return fmt.Errorf("the backup %s cannot be written: %w", path, err)
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return os.Link(file.Name(), path) // not Rename, which takes the place of what is there
}
