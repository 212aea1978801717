package sql_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
)

var rewrite = flag.Bool("rewrite", false, "write a file of the newest schema, where there is none of it")

// newest is the version of the schema.
const newest = 1

// TestUpgrade opens a file of every schema that there ever was: all that is in it is there,
// and it can be written on.
func TestUpgrade(t *testing.T) {
	if name := fmt.Sprintf("testdata/schema-%d.db.gz", newest); *rewrite {
		if _, err := os.Stat(name); err != nil {
			keepFile(t, name)
		}
	}
	found, err := filepath.Glob("testdata/schema-*.db.gz")
	if err != nil || len(found) != newest {
		t.Fatalf("there are %v of %d schemas, %v: run with -rewrite", found, newest, err)
	}
	for _, name := range found {
		t.Run(filepath.Base(name), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if err := os.WriteFile(path, unzip(t, name), 0o600); err != nil {
				t.Fatal(err)
			}
			checkKept(t, openFile(t, path, sql.Options{Outbox: true}))
		})
	}
}

func unzip(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		data, err = io.ReadAll(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// keepFile writes a file that has something of everything.
func keepFile(t *testing.T, name string) {
	t.Helper()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "store.db")
	s := openFile(t, path, sql.Options{Outbox: true, Now: func() time.Time { return enginetest.Start }})
	fill(t, s, enginetest.Plan(t, "r1", engine.QA, "gateway"), 5)
	us, err := s.Untold(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		s.Divide(ctx, us[0], []store.Delivery{{ID: "m", Sink: "chat", Rollout: "r1", Seq: -1, Due: enginetest.Start, Made: enginetest.Start}}),
		s.AddToken(ctx, store.Token{ID: "t_1", Hash: [32]byte{1}, Grants: []byte(`[]`), Made: enginetest.Start}),
		s.Audit(ctx, store.Audit{At: enginetest.Start, Actor: "anna"}),
		s.Own(ctx, "r1", "anna", ""),
		s.Lease(ctx, "r1", "a", enginetest.Start, enginetest.Start.Add(time.Minute)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Thread(ctx, "chat", "r1", "first"); err != nil {
		t.Fatal(err)
	}
	copied := path + ".copy"
	if err := s.Backup(ctx, copied); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkKept looks for what keepFile wrote.
func checkKept(t *testing.T, s *sql.Store) {
	t.Helper()
	ctx := t.Context()
	r, err := s.Rollout(ctx, "r1")
	if err != nil || r.Events != 5 || r.Change != 6 || r.Owner != "anna" || r.Holder != "a" || r.Key != "r1" || r.Strategy != engine.Rolling || len(r.Stages) < 2 {
		t.Errorf("the rollout is %+v, %v", r, err)
	}
	j, err := s.Open(ctx, "r1")
	if err != nil {
		t.Fatal(err)
	}
	if plan, events, _, err := engine.LoadState(ctx, j); plan == nil || plan.Candidate != "1.6.0" || len(events) != 5 {
		t.Errorf("the journal: %+v, %d events, %v", plan, len(events), err)
	}
	if us, err := s.Untold(ctx, 9); err != nil || len(us) != 5 {
		t.Errorf("untold is %+v, %v", us, err)
	}
	if ds, err := s.Claim(ctx, enginetest.Start, enginetest.Start.Add(1), 9); err != nil || len(ds) != 1 {
		t.Errorf("the deliveries are %+v, %v", ds, err)
	}
	if token, err := s.Token(ctx, [32]byte{1}); err != nil || token.ID != "t_1" {
		t.Errorf("the token is %+v, %v", token, err)
	}
	if as, err := s.ListAudits(ctx, 0, 9); err != nil || len(as) != 1 {
		t.Errorf("the audits are %+v, %v", as, err)
	}
	if text, err := s.Thread(ctx, "chat", "r1", ""); err != nil || text != "first" {
		t.Errorf("the thread is %q, %v", text, err)
	}
	if err := write(ctx, j, 5); err != nil {
		t.Error(err)
	}
	if r, err := s.Rollout(ctx, "r1"); err != nil || r.Change != 7 {
		t.Errorf("the next change is %d, %v", r.Change, err)
	}
}

// TestNewerSchema refuses a file that a newer version used.
func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openFile(t, path, sql.Options{})
	if err := s.Exec(t.Context(), `INSERT INTO hotswap_schema (version, at) VALUES (9, 0)`); err != nil {
		t.Fatal(err)
	}
	refused(t, path, "version 9", fmt.Sprintf("up to %d", newest), "newer version")
}
