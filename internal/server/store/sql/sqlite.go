package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// sqlite is a file. One connection writes, and others read meanwhile.
type sqlite struct {
	path    string
	writer  *sql.DB
	conn    *sql.Conn     // the only one of writer
	turn    chan struct{} // holds one value while nobody writes
	readers *sql.DB
}

// OpenSQLite opens the store in a file, which is made where there is none, for its owner
// alone. Other processes of the same machine may use it at a time.
func OpenSQLite(ctx context.Context, path string, o Options) (*Store, error) {
	db, err := openFile(ctx, path)
	if err != nil {
		return nil, err
	}
	return open(ctx, db, o)
}

func openFile(ctx context.Context, path string) (*sqlite, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the store cannot be opened to be written: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	db := &sqlite{path: path, turn: make(chan struct{}, 1)}
	if db.writer, err = sql.Open("sqlite", dsn(path)); err != nil {
		return nil, err
	}
	if db.readers, err = sql.Open("sqlite", dsn(path, "query_only(1)")); err != nil {
		return nil, errors.Join(err, db.writer.Close())
	}
	db.writer.SetMaxOpenConns(1)
	db.readers.SetMaxOpenConns(mostReaders)
	db.readers.SetMaxIdleConns(mostReaders)
	if db.conn, err = db.writer.Conn(ctx); err == nil {
		err = db.examine(ctx)
	}
	if err != nil {
		return nil, errors.Join(db.explain(err), db.close())
	}
	db.turn <- struct{}{}
	return db, nil
}

// mostReaders is how many connections read at a time.
const mostReaders = 8

// dsn is how a connection to a file is asked for. It waits for other processes, and a commit
// is on the disk when it is over.
func dsn(path string, more ...string) string {
	return address(path, append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}, more...))
}

// address is a file with what is set before each connection to it is used.
func address(path string, pragmas []string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") { // it begins with a drive
		slashed = "/" + slashed
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}.Encode()}
	return u.String()
}

// examine looks whether the file is whole, and one of ours.
func (db *sqlite) examine(ctx context.Context) error {
	h := handle{querier: db.conn}
	var mode, said string
	if _, err := h.one(ctx, []any{&mode}, `PRAGMA journal_mode`); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("%s: its journal mode is %s and cannot be wal: it needs a disk of this machine that can be written to", db.path, mode)
	}
	if _, err := h.one(ctx, []any{&said}, `PRAGMA quick_check(1)`); err != nil {
		return err
	}
	if said != "ok" {
		return fmt.Errorf("%s: %s: %w", db.path, said, errDamaged)
	}
	var other string
	found, err := h.one(ctx, []any{&other}, `SELECT name FROM sqlite_master WHERE type = 'table'
		AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'hotswap_schema') LIMIT 1`)
	if err == nil && found {
		err = fmt.Errorf("%s: it has a table %s, and is the database of another program: name another file", db.path, other)
	}
	return err
}

func (db *sqlite) where() string { return db.path }

func (db *sqlite) read() handle { return handle{querier: db.readers} }

// write has its turn, and begins with the lock of the file: what is read then is what is
// written on.
func (db *sqlite) write(ctx context.Context, do func(handle) error) error {
	select {
	case <-db.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { db.turn <- struct{}{} }()
	whole := context.WithoutCancel(ctx) // what is done is not left half done
	_, err := db.conn.ExecContext(ctx, `BEGIN IMMEDIATE`)
	if err == nil {
		err = do(handle{querier: db.conn})
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		_, err = db.conn.ExecContext(whole, `COMMIT`)
	}
	if err != nil {
		_, _ = db.conn.ExecContext(whole, `ROLLBACK`) // it may have been by itself, or not have begun
	}
	return err
}

// listen has nothing to listen to: the file is polled.
func (db *sqlite) listen(context.Context, func()) {}

func (db *sqlite) close() error {
	err := db.readers.Close()
	if db.conn != nil {
		err = errors.Join(err, db.conn.Close())
	}
	return errors.Join(err, db.writer.Close())
}
