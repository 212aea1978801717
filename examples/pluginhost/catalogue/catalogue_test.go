package catalogue

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// write writes plugin.json of versions, beside an artefact.
func write(t *testing.T, versions map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "artefact"), []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	for v, text := range versions {
		at := filepath.Join(folder, "payment", v)
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(at, "plugin.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestFind(t *testing.T) {
	folder := write(t, map[string]string{
		"1.5.0": `{"kind":"process","file":"../../artefact","latencyMs":5,"tenant":{"tenant-007":{"errorRate":1}}}`,
		"1.6.0": `{"kind":"wasm","file":"../../artefact","probes":"ok"}`,
		"1.7.0": `{"kind":"jar","file":"../../missing","errorRate":1.5,"probes":"maybe","tenant":{"a":{"panicRate":-1},"b":{"leakBytes":-2}}}`,
		"1.8.0": `{"kind":"wasm","file":"../../artefact","errorrates":1}`,
		"1.9.0": `{`,
	})
	v, err := Find(folder, "payment", "1.5.0")
	want := Version{Version: "1.5.0", Kind: Process, File: filepath.Join(folder, "artefact"), Behaviour: plugin.Behaviour{LatencyMS: 5}, Tenant: map[string]plugin.Behaviour{"tenant-007": {ErrorRate: 1}}}
	if err != nil || !reflect.DeepEqual(v, want) {
		t.Errorf("%+v, %v", v, err)
	}
	for version, says := range map[string][]string{
		"9.9.9": {"there is no version 9.9.9 of payment, only 1.5.0, 1.6.0, 1.7.0, 1.8.0, 1.9.0: " + folder + "/payment/9.9.9/plugin.json is missing"},
		"1.7.0": {`kind: "jar"`, "file: there is no", "errorRate: 1.5", `probes: "maybe"`, "tenant a: panicRate: -1", "tenant b: leakBytes: -2"},
		"1.8.0": {`unknown field "errorrates"`},
		"1.9.0": {"unexpected EOF"},
		"../x":  {`version "../x"`},
	} {
		_, err := Find(folder, "payment", version)
		for _, s := range says {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %v does not say %q", version, err, s)
			}
		}
	}
	got, err := Read(folder, "payment")
	if len(got) != 2 || err == nil || strings.Count(err.Error(), "plugin.json") != 3 {
		t.Errorf("read: %v, %v", got, err)
	}
	if _, err := Read(folder, "other"); err == nil || !strings.Contains(err.Error(), "there is no version") {
		t.Errorf("%v", err)
	}
}

// TestBehaviours puts faults on top of how a version behaves.
func TestBehaviours(t *testing.T) {
	v := Version{Version: "1.5.0", Behaviour: plugin.Behaviour{LatencyMS: 5, ErrorRate: 0.01, ConversionRate: 0.3}, Tenant: map[string]plugin.Behaviour{"own": {ErrorRate: 0.5, LatencyMS: 10}}}
	got := v.Behaviours([]wire.Fault{
		{Version: "1.6.0", ErrorRate: 1},
		{Version: "1.5.0", LatencyMS: 20, ErrorRate: 0.2},
		{Version: "1.5.0", Tenant: "faulty", PanicRate: 0.1},
	})
	for tenant, want := range map[string]plugin.Behaviour{
		"any":    {LatencyMS: 25, ErrorRate: 0.2, ConversionRate: 0.3},
		"own":    {LatencyMS: 35, ErrorRate: 0.2, ConversionRate: 0.3},
		"faulty": {LatencyMS: 5, ErrorRate: 0.01, ConversionRate: 0.3, PanicRate: 0.1}, // its fault counts, and not that of all
	} {
		if b := got.To(tenant); b != want {
			t.Errorf("%s: %+v, want %+v", tenant, b, want)
		}
	}
	none := v.Behaviours(nil)
	if b := none.To("own"); b != (plugin.Behaviour{LatencyMS: 15, ErrorRate: 0.5, ConversionRate: 0.3}) {
		t.Errorf("by itself: %+v", b)
	}
}

// TestWrite writes what Read reads.
func TestWrite(t *testing.T) {
	folder := write(t, nil)
	versions := Examples()
	for i := range versions {
		versions[i].File = "artefact"
	}
	if err := Write(folder, Payment, versions); err != nil {
		t.Fatal(err)
	}
	got, err := Read(folder, Payment)
	if err != nil {
		t.Fatal(err)
	}
	for i := range versions {
		versions[i].File = filepath.Join(folder, "artefact")
	}
	if !reflect.DeepEqual(got, versions) {
		t.Errorf("%+v\nwant %+v", got, versions)
	}
	if err := Write(folder, Payment, []Version{{Version: "3.0.0", Kind: Wasm, File: "nowhere"}}); err == nil {
		t.Error("a version whose file is not there is taken")
	}
}

func TestList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "versions.json")
	for text, says := range map[string]string{
		`[{"version":"1.0.0","kind":"process","errorRate":0.5},{"version":"1.1.0","kind":"wasm"}]`: "",
		`[{"version":"","kind":"process"},{"version":"1.1.0","kind":"jar","panicRate":2}]`:         `version 1: "" is no version|kind: "jar"|panicRate: 2`,
		`[]`: "there is no version",
		`{}`: "cannot unmarshal",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := List(path)
		if says == "" {
			if err != nil || len(got) != 2 || got[0].File != Program || got[1].File != Module || got[0].ErrorRate != 0.5 {
				t.Errorf("%+v, %v", got, err)
			}
			continue
		}
		for s := range strings.SplitSeq(says, "|") {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %v does not say %q", text, err, s)
			}
		}
	}
}

// TestBuildElsewhere says what is missing where there is no source.
func TestBuildElsewhere(t *testing.T) {
	err := Build(t.Context(), filepath.Join(t.TempDir(), "out"), t.TempDir(), Examples())
	if err == nil || !strings.Contains(err.Error(), "source") {
		t.Errorf("%v", err)
	}
}
