package postgresql

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Times of connections.
const (
	dialTime  = 5 * time.Second
	probeTime = 5 * time.Second
)

// errPassword is about a file with a password, and has nothing of what is in it.
var errPassword = errors.New("password_file")

// dial connects to a database of a server; "": to that of its URL. Each statement is one
// message, so that it is one transaction in the counters.
func (s *Server) dial(ctx context.Context, database string) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig(s.URL)
	if err != nil {
		return nil, err
	}
	if s.PasswordFile != "" {
		text, err := os.ReadFile(s.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errPassword, err)
		}
		c.Password = strings.TrimRight(string(text), "\r\n")
	}
	if database != "" {
		c.Database = database
	}
	c.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	c.RuntimeParams["client_encoding"] = "UTF8"
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "hotswap"
	}
	ctx, cancel := walker.Within(ctx, dialTime)
	defer cancel()
	return pgx.ConnectConfig(ctx, c)
}

// hangUp closes a connection; where that cannot be said, the server finds out.
func hangUp(c *pgx.Conn) {
	ctx, cancel := walker.Within(context.Background(), time.Second)
	defer cancel()
	_ = c.Close(ctx)
}
