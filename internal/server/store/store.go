// Package store is the port to what a server of rollouts remembers: their journals, and
// beside them who started, owns and walks them, what is still to be told to others, who may
// come, and who did what. Package sql fills it, with SQLite or PostgreSQL.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Store keeps all of it. Any number of callers may use it at a time, here and in other
// processes on the same database. What a call that returned nil wrote outlives the machine.
// Of texts, those that go through a Store lose what is no UTF-8, and NUL: U+FFFD takes its
// place.
type Store interface {
	Rollouts
	Outbox
	Tokens
	Audits
	// Secret is 32 random bytes that all servers on the store share, made when
	// it is first asked for.
	Secret(ctx context.Context, name string) ([]byte, error)
	// Ready says why the store cannot be written to now.
	Ready(ctx context.Context) error
	Close() error
}

// Rollouts are the journals of rollouts with what a server knows beside.
type Rollouts interface {
	// Journals are those of every environment and plugin. Begin is Start with nothing beside.
	engine.Journals
	// Start begins a rollout, with what is known beside its plan, in one transaction. Where
	// another one was started with the same key it begins none and returns that one's id in a
	// *StartedError. A copy, see Start.Ordinal, is begun whatever else is unfinished: whoever
	// keeps the rollouts that are copied holds that rule.
	Start(ctx context.Context, p engine.Plan, s Start) (engine.Journal, error)
	// Keyed is the rollout that was started with a key, and the digest of the request; "":
	// there is none.
	Keyed(ctx context.Context, key string) (id, request string, err error)
	// Rollout is one rollout, or engine.ErrNoJournal.
	Rollout(ctx context.Context, id string) (Rollout, error)
	// Find lists rollouts of all environments and plugins, those that were started last first.
	Find(ctx context.Context, q Query) ([]Rollout, error)
	// Walked lists the rollouts that are in flight, see Query.InFlight, and are the server's to
	// walk, see Start.Walked; those that were started first first.
	Walked(ctx context.Context) ([]Rollout, error)
	// Own makes a rollout owner's, where it was previous's before; "": nobody's. The error is
	// an *OwnedError where it was somebody else's; where it is owner's already there is none.
	Own(ctx context.Context, rollout, owner, previous string) error
	// Lease says that holder walks a rollout until a time. The error is a *LeasedError where
	// somebody else does, at now.
	Lease(ctx context.Context, rollout, holder string, now, until time.Time) error
	// Renew moves the end of all leases that holder has to until.
	Renew(ctx context.Context, holder string, until time.Time) error
	// Release gives the lease of holder back. Where it has none, nothing happens.
	Release(ctx context.Context, rollout, holder string) error
	// LastChange is the number of the last change of any rollout.
	LastChange(ctx context.Context) (int64, error)
	// Changed waits until a rollout has an event whose number is greater than after, or ctx is
	// done, whose error it returns. rollout "" is any, and after is then a Rollout.Change. It is
	// engine.ErrNoJournal where there is no such rollout. What another process wrote is heard of
	// within a second or so.
	Changed(ctx context.Context, rollout string, after int64) error
}

// Start is what a server knows of a rollout beside its plan.
type Start struct {
	// Key is the idempotency key that it was asked for with; "": none.
	Key string
	// Request is the digest of what was asked for: the same key with another one is refused.
	Request string
	// Deployment is what was asked for, as JSON.
	Deployment []byte
	// By is who asked.
	By string
	// Walked says that it is the server's to walk. A copy of what somebody else walks is not.
	Walked bool
	// Ordinal is that of a copy of a rollout that a fleet keeps; 0: the store gives the next one.
	// Of a Rollout it is the one that it has.
	Ordinal int64
	// At is when.
	At time.Time
}

// Rollout is a rollout as the store has it.
type Rollout struct {
	engine.RolloutHead
	Start
	Strategy engine.Strategy
	Stages   []string // the names of the plan's stages
	Owner    string
	Holder   string    // who walks it; "": nobody says so
	Until    time.Time // until when that holds
	// Change numbers the changes of all rollouts of the store: a later one has a greater one.
	Change int64
	// Changed is when its last event was written, or it was started.
	Changed time.Time
}

// Query says which rollouts are found. What is zero asks for nothing.
type Query struct {
	Environments []engine.Environment // any of them
	Plugin       string
	Phases       []engine.Phase // any of them
	Outcomes     []engine.Outcome
	InFlight     bool   // only those that have no outcome, or are stuck
	Text         string // part of the id, the plugin or a version, in any case
	Since        int64  // only those whose Change is greater
	Below        Cursor // to go on where a list ended
	Limit        int    // at most so many; 0: 100
}

// Cursor is a place in a list: that of the last rollout of it.
type Cursor struct {
	At time.Time // Start.At
	ID string
}

// UnavailableError says that a store can be neither read nor written now: its disk or its
// database is away, full or broken. What a call that returned it would have written may be
// there or not.
type UnavailableError struct{ Err error }

// Error has files and hosts in it, and is for those who run the server.
func (e *UnavailableError) Error() string { return e.Err.Error() }

// Unwrap is what the database said.
func (e *UnavailableError) Unwrap() error { return e.Err }

// StartedError says that a rollout was started with the key before.
type StartedError struct {
	Rollout string
	// Differs says that it was asked for with another request.
	Differs bool
}

func (e *StartedError) Error() string {
	if e.Differs {
		return "the key was used for another request, which started rollout " + e.Rollout
	}
	return "rollout " + e.Rollout + " was started with this key"
}

// OwnedError says whose a rollout is.
type OwnedError struct{ Owner string }

func (e *OwnedError) Error() string {
	if e.Owner == "" {
		return "the rollout is owned by nobody"
	}
	return "the rollout is owned by " + e.Owner
}

// LeasedError says that somebody else walks a rollout.
type LeasedError struct {
	Holder string
	Until  time.Time
}

func (e *LeasedError) Error() string {
	return e.Holder + " walks the rollout, and has until " + e.Until.UTC().Format(time.RFC3339) + " to say so again"
}

// Outbox is what is to be told to others. Each event is in it from the transaction on that
// wrote it, until it was divided into deliveries; those stay until they arrived or were given
// up.
type Outbox interface {
	// Untold lists events that are not divided yet, oldest first.
	Untold(ctx context.Context, most int) ([]Untold, error)
	// Divide replaces one by its deliveries, of which there may be none, in one transaction.
	// One that was divided meanwhile is left alone.
	Divide(ctx context.Context, u Untold, to []Delivery) error
	// Claim lists deliveries that are due at a time, oldest first, and puts them off until
	// another, which is then their Due, so that no other server takes them meanwhile.
	Claim(ctx context.Context, now, until time.Time, most int) ([]Delivery, error)
	// Settle writes how an attempt went: Delivery.Due zero ends it. One that ends with
	// Delivery.Failed was given up, and is counted as long as its rollout is kept.
	Settle(ctx context.Context, d Delivery) error
	// Pending counts the deliveries that have not arrived, by the sink, and those given up.
	Pending(ctx context.Context) (map[string]Backlog, error)
	// Thread keeps a text for a sink and a rollout, such as the id of the message that later
	// ones answer to; "" reads it. The first one stays: it returns what is kept.
	Thread(ctx context.Context, sink, rollout, text string) (string, error)
}

// Untold is an event that others have to hear of. Seq -1 is the start of the rollout.
type Untold struct {
	ID      int64
	Rollout string
	Seq     int64
}

// Delivery is one message to one sink.
type Delivery struct {
	ID       string // that of the message, the same at each attempt
	Sink     string // its name in the configuration
	Rollout  string
	Seq      int64
	Attempts int       // so far
	Due      time.Time // when it is tried next; zero: never again
	Failed   string    // why the last attempt failed; "": it arrived, or there was none
	Made     time.Time
}

// Backlog is what a sink has not got.
type Backlog struct {
	Waiting int
	Oldest  time.Time // of those that wait
	GivenUp int
}

// Tokens are the tokens that clients may bear. The store has their hashes only.
type Tokens interface {
	AddToken(ctx context.Context, t Token) error
	// Token finds one by its hash, or ErrNoToken.
	Token(ctx context.Context, hash [32]byte) (Token, error)
	ListTokens(ctx context.Context) ([]Token, error)
	// UsedToken notes when a token was used last. An earlier time than is known changes nothing.
	UsedToken(ctx context.Context, id string, at time.Time) error
	// RemoveToken is ErrNoToken where there is none of that id.
	RemoveToken(ctx context.Context, id string) error
}

// ErrNoToken says that there is no such token.
var ErrNoToken = errors.New("there is no such token")

// Token is a token without itself.
type Token struct {
	ID      string // short, for people; unique
	Name    string // who or what it is for
	Hash    [32]byte
	Grants  []byte // JSON, whatever the access package reads
	Made    time.Time
	MadeBy  string
	Expires time.Time // zero: never
	Used    time.Time // zero: never
}

// Audits are the lines of who did what.
type Audits interface {
	Audit(ctx context.Context, a Audit) error
	// ListAudits lists them, newest first, below an id; 0: from the newest.
	ListAudits(ctx context.Context, below int64, most int) ([]Audit, error)
}

// Audit is one line: somebody did something, or was not let.
type Audit struct {
	ID          int64
	At          time.Time
	Actor       string // who, as in "token ci (t_3kq9)"
	Action      string // start, pause, resume, promote, rollback, token.add …
	Environment string
	Plugin      string
	Rollout     string
	Reason      string // that the actor gave
	Refused     string // why it was not done; "": it was
	Request     string // X-Request-Id
}
