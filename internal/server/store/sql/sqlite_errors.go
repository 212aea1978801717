package sql

import (
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// errDamaged is what a file is that is not whole.
var errDamaged = errors.New("the file is damaged: put a backup in its place, or move it away to begin anew")

// explain implements [database]: it says what to do about what befell the file.
func (db *sqlite) explain(err error) error {
	var failed *driver.Error
	if !errors.As(err, &failed) {
		return err
	}
	if text := db.away(failed, err); text != nil {
		return &store.UnavailableError{Err: text}
	}
	return fmt.Errorf("%s: %w", db.path, err)
}

// away says what is wrong with a file, or with the disk that it is on; nil: nothing.
func (db *sqlite) away(failed *driver.Error, err error) error {
	const primary = 0xff // the rest says more of the same
	switch failed.Code() & primary {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%s: the disk is full, and nothing was written: make room: %w", db.path, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s: %w: %w", db.path, errDamaged, err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%s: nothing can be written: the file and its folder have to be writable: %w", db.path, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%s: cannot be opened: its folder has to be there and writable, for the -wal and -shm beside the file: %w", db.path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%s: another process has been writing for 10 s, and nothing was written: %w", db.path, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%s: the disk failed: %w", db.path, err)
	}
	return nil
}
