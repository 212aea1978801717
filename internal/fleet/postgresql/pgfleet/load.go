package pgfleet

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Load is clients that call the extension's function.
type Load struct {
	Calls, Failed atomic.Int64
	stop          context.CancelFunc
	all           sync.WaitGroup
}

// Load has a client for each database call the function every so often, until the load is
// stopped, or the test ends.
func (s *Server) Load(l *Load, every time.Duration) {
	ctx, stop := context.WithCancel(context.Background())
	before := l.stop
	l.stop = func() {
		stop()
		if before != nil {
			before()
		}
	}
	for _, name := range s.databases {
		l.all.Go(func() {
			for ctx.Err() == nil {
				l.client(ctx, s, name, every)
				_ = walker.Pause(ctx, every)
			}
		})
	}
	s.t.Cleanup(l.Stop)
}

// client calls until its connection breaks.
func (l *Load) client(ctx context.Context, s *Server, database string, every time.Duration) {
	conn, err := s.connect(ctx, "postgres", database)
	if err != nil {
		return // it is away
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for ctx.Err() == nil && !conn.IsClosed() {
		_, err := conn.Exec(ctx, "SELECT pay_fee(100)")
		if ctx.Err() != nil {
			return
		}
		if l.Calls.Add(1); err != nil {
			l.Failed.Add(1)
		}
		_ = walker.Pause(ctx, every)
	}
}

// Stop stops all clients, and waits for them.
func (l *Load) Stop() {
	l.stop()
	l.all.Wait()
}
