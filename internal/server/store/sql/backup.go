package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

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
