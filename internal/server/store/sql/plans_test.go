package sql_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
)

// TestPlans changes a plan that was written down: what a newer version wrote is refused as
// newer, and all else as changed.
func TestPlans(t *testing.T) {
	plan := enginetest.Plan(t, "r1", engine.QA, "gateway")
	packed, err := sql.Pack(&plan)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sql.Unpack(packed); err != nil || !reflect.DeepEqual(*got, plan) {
		t.Errorf("it comes back as %+v, %v", got, err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to, says string
		newer          bool
	}{
		{`{"format":1,`, `{"format":9,`, "format 9, and this version reads up to 1", true},
		{`{"format":1,`, `{"format":1,"shade":"blue",`, `"shade"`, true},
		{`{"format":1,`, `{`, "no format", false},
		{`{"format":1,`, `{{`, "not one", false},
		{`"1.6.0"`, `"1.6.1"`, "was changed", false},
		{`"instances":[{`, `"instances":[{"ready":true},{`, "was changed", false},
	} {
		if !strings.Contains(string(text), c.from) {
			t.Fatalf("there is no %s in %s", c.from, text)
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := io.WriteString(w, strings.Replace(string(text), c.from, c.to, 1)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := sql.Unpack(b.Bytes())
		var newer *engine.NewerError
		if err == nil || !strings.Contains(err.Error(), c.says) || errors.As(err, &newer) != c.newer {
			t.Errorf("with %s for %s: %v", c.to, c.from, err)
		}
	}
	if _, err := sql.Unpack(packed[:len(packed)/2]); err == nil {
		t.Error("half a plan is one")
	}
}
