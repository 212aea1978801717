package postgresql

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// What PostgreSQL says, in a line, with what to do. Messages of PostgreSQL have names in them,
// and no passwords; those of the driver have the address in front, which is left out.

// States of PostgreSQL that something is known about.
const (
	stateNoDatabase  = "3D000"
	stateLocked      = "55P03"
	stateCancelled   = "57014"
	stateStarting    = "57P03"
	stateShutdown    = "57P01"
	stateCrashed     = "57P02"
	stateCrowded     = "53300"
	stateNoExtension = "42704"
)

// advice is what to do about a state.
var advice = map[string]string{
	"28P01":        "check the password in password_file",
	"28000":        "check the user, and pg_hba.conf of the server",
	"42501":        "the role has to own the extension, and to have CONNECT on its database",
	stateLocked:    "a transaction that is open uses what the update changes: end it, or raise lock_timeout",
	"22023":        "install the extension's script for it on the server",
	"58P01":        "install the extension's files on the server",
	"0A000":        "install the extension's files on the server",
	stateCancelled: "the update took longer than statement_timeout: raise it, or roll out when less goes on",
	stateCrowded:   "raise max_connections of the server, or the role's CONNECTION LIMIT",
}

// said is an error in a line.
func said(err error) string {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		text := fmt.Sprintf("%s (SQLSTATE %s)", oneLine(p.Message), p.Code)
		if what := advice[p.Code]; what != "" {
			text += ": " + what
		}
		return text
	}
	if errors.Is(err, errPassword) {
		return oneLine(err.Error())
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return oneLine(network.Error()) + ": start the server, or take it out of the configuration"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time: start the server, or take it out of the configuration"
	}
	return oneLine(causeOf(err))
}

// causeOf is the innermost error's text: what is around it names addresses and users again.
func causeOf(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return oneLine(err.Error())
		}
		err = inner
	}
}

// mostSaid is how many bytes of a message are shown.
const mostSaid = 300

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > mostSaid {
		text = strings.ToValidUTF8(text[:mostSaid], "") + "..."
	}
	return text
}

// away says whether an error is of a server that is not there now, and not of what it was asked.
func away(err error) bool {
	var p *pgconn.PgError
	if !errors.As(err, &p) {
		return true
	}
	switch p.Code {
	case stateStarting, stateShutdown, stateCrashed, stateCrowded:
		return true
	}
	return false
}

// isState says whether PostgreSQL answered with a state.
func isState(err error, state string) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && p.Code == state
}

// AwayError is a server that could not be asked.
type AwayError struct {
	Server string
	Why    string
}

// Error names the server, why, and what to do.
func (e *AwayError) Error() string { return fmt.Sprintf("server %s: %s", e.Server, e.Why) }

// unseen is an error of servers that a plan cannot be made over; nil: there are none.
func unseen(all []string) error {
	if len(all) == 0 {
		return nil
	}
	if len(all) > 5 {
		all = append(all[:5:5], fmt.Sprintf("and %d more", len(all)-5))
	}
	return errors.New(strings.Join(all, "; "))
}

// plural counts databases.
func databases(n int) string { return engine.Plural(n, "database") }
