package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// querier is a connection, a transaction, or a pool of them.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// handle runs queries, whose arguments are marked by question marks.
type handle struct {
	querier
	postgres bool
}

// forUpdate locks the rows that a query finds, where that is not the file's lock.
func (h handle) forUpdate() string {
	if h.postgres {
		return " FOR UPDATE"
	}
	return ""
}

// skipLocked does that to those that nobody else has locked.
func (h handle) skipLocked() string {
	if h.postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// exec returns how many rows it changed.
func (h handle) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := h.ExecContext(ctx, h.form(query), clean(args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// scan takes the values of one row.
type scan func(into ...any) error

// each calls do with each row.
func (h handle) each(ctx context.Context, do func(scan) error, query string, args ...any) (err error) {
	rows, err := h.QueryContext(ctx, h.form(query), clean(args)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one takes the values of the only row. found says whether there is one.
func (h handle) one(ctx context.Context, into []any, query string, args ...any) (found bool, err error) {
	err = h.each(ctx, func(row scan) error {
		found = true
		return row(into...)
	}, query, args...)
	return found, err
}

// list makes a list of the rows.
func list[T any](ctx context.Context, h handle, take func(scan) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := h.each(ctx, func(row scan) error {
		v, err := take(row)
		all = append(all, v)
		return err
	}, query, args...)
	return all, err
}

// form is a query as the database wants it: PostgreSQL numbers the arguments.
func (h handle) form(query string) string {
	if !h.postgres {
		return query
	}
	parts := strings.Split(query, "?")
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			fmt.Fprintf(&b, "$%d", i)
		}
		b.WriteString(part)
	}
	return b.String()
}

// clean replaces in texts what PostgreSQL does not keep, in both databases alike.
func clean(args []any) []any {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}

// places are question marks for so many values of a list.
func places(n int) string { return "(" + strings.TrimSuffix(strings.Repeat("?, ", n), ", ") + ")" }

// The times that a number of nanoseconds can say.
var (
	earliest = time.Unix(0, math.MinInt64)
	latest   = time.Unix(0, math.MaxInt64)
)

// nanos is a time as it is kept; 0: none. One that no clock has is kept as the nearest that
// can be.
func nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Before(earliest):
		return math.MinInt64
	case t.After(latest):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// moment is a time that was kept.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// number is 1 or 0.
func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
