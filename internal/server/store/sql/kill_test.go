package sql_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/pgtest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// The variables that make this program another one: one that writes to a store until it is
// killed, and one that opens a store as somebody else.
const (
	victim   = "STORE_TO_DIE_FOR"
	onlooker = "STORE_TO_LOOK_AT"
)

func TestMain(m *testing.M) {
	if where := os.Getenv(victim); where != "" {
		fmt.Println(die(context.Background(), where))
		os.Exit(1)
	}
	if path := os.Getenv(onlooker); path != "" {
		fmt.Println(openOnce(context.Background(), path))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// openOnce says how a file is opened.
func openOnce(ctx context.Context, path string) string {
	s, err := sql.OpenSQLite(ctx, path, sql.Options{})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("it was opened: %s, %v", path, s.Close())
}

// reach opens a store by its path, or its name in PostgreSQL.
func reach(ctx context.Context, where string) (*sql.Store, error) {
	if filepath.IsAbs(where) {
		return sql.OpenSQLite(ctx, where, sql.Options{Outbox: true})
	}
	return sql.OpenPostgres(ctx, where, sql.Options{Outbox: true})
}

// die writes events, and says of each that it is written, until it is killed.
func die(ctx context.Context, where string) error {
	s, err := reach(ctx, where)
	if err != nil {
		return err
	}
	j, err := s.Open(ctx, "r1")
	if err != nil {
		return err
	}
	r, err := s.Rollout(ctx, "r1")
	for seq := r.Events; err == nil; seq++ {
		if err = write(ctx, j, seq); err == nil {
			fmt.Println(seq)
		}
	}
	return err
}

// kills is how often a writer is killed: more often where KILLS says so.
func kills() int {
	n := 3
	_, _ = fmt.Sscan(os.Getenv("KILLS"), &n) // "" is no number
	return n
}

// killWriters has writers die at any moment: what they said is written is there.
func killWriters(t *testing.T, where string) {
	s, err := reach(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	last, random := int64(-1), rand.New(rand.NewPCG(1, 2))
	for kill := range kills() {
		child := exec.Command(program)
		child.Env = append(os.Environ(), victim+"="+where)
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for begun := false; lines.Scan(); {
			if _, err := fmt.Sscan(lines.Text(), &last); err != nil {
				t.Fatalf("the writer: %s", lines.Text())
			}
			if begun {
				continue
			}
			begun = true
			long := time.Duration(random.IntN(100_000)) * time.Microsecond
			go func() {
				_ = walker.Pause(context.Background(), long)
				_ = child.Process.Kill()
			}()
		}
		_ = child.Wait() // it was killed
		checkWritten(t, where, last)
		t.Logf("kill %d: after event %d", kill+1, last)
	}
}

// checkWritten looks for all events up to one, of which there may be one more.
func checkWritten(t *testing.T, where string, last int64) {
	t.Helper()
	s, err := reach(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	j, err := s.Open(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	events, err := j.Events(t.Context(), -1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Rollout(t.Context(), "r1")
	if err != nil || r.Events != int64(len(events)) || r.Events <= last || r.Events > last+2 {
		t.Errorf("event %d was written; there are %d, and it says %d: %v", last, len(events), r.Events, err)
	}
	us, err := s.Untold(t.Context(), 1<<30)
	if err != nil || len(us) != len(events)+1 {
		t.Errorf("of %d events and the start %d are to be told: %v", len(events), len(us), err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestKillSQLite(t *testing.T) { killWriters(t, filepath.Join(t.TempDir(), "store.db")) }

func TestPostgresKill(t *testing.T) { killWriters(t, pgtest.Start(t, "fsync=on").Database()) }

// TestPostgresCrash has PostgreSQL itself die while it is written to.
func TestPostgresCrash(t *testing.T) {
	c := pgtest.Start(t, "fsync=on")
	where := c.Database()
	s := openDatabase(t, where, sql.Options{Outbox: true})
	j := fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 0)
	written := int64(-1)
	go func() {
		_ = walker.Pause(context.Background(), 100*time.Millisecond)
		c.Kill()
	}()
	for {
		if err := write(t.Context(), j, written+1); err != nil {
			break
		}
		written++
	}
	if err := s.Ready(t.Context()); err == nil {
		t.Error("it is ready without PostgreSQL")
	}
	c.Restart()
	checkWritten(t, where, written)
	r, err := s.Rollout(t.Context(), "r1")           // by the connections that were lost
	for lost := 0; err != nil && lost < 16; lost++ { // each of which may be found lost only by a question
		r, err = s.Rollout(t.Context(), "r1")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), j, r.Events); err != nil {
		t.Errorf("Append after PostgreSQL came back: %v", err)
	}
	if err := s.Changed(t.Context(), "", r.Change); err != nil {
		t.Error(err)
	}
	if rs, err := s.Find(t.Context(), store.Query{}); err != nil || len(rs) != 1 {
		t.Errorf("Find: %+v, %v", rs, err)
	}
}
