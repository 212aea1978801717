package config

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile/sources"
)

var rewrite = flag.Bool("rewrite", false, "write the schema anew")

// TestSchema holds the published schema to the types that configurations are read into:
// go test ./internal/server/config -run TestSchema -rewrite.
func TestSchema(t *testing.T) {
	const file = "../../../docs/hotswap.schema.json"
	said, err := sources.Read(map[string]string{"config": ".", "access": "../access"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := Schema(said.Of)
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the types say: run this test with -rewrite", file)
	}
}
