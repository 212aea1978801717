package contract

import (
	"flag"
	"os"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
)

var rewrite = flag.Bool("rewrite", false, "write the document of the API anew")

const published = "../../../docs/server-api.yaml"

// TestBundle holds the document against what it is made of: testdata/server-api.yaml, which
// people write, and what it takes from the contract of a fleet, so that the two cannot differ.
// It is written anew by
//
//	go test ./internal/server/contract -run TestBundle -rewrite
func TestBundle(t *testing.T) {
	text, err := os.ReadFile("testdata/server-api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b := bundler{own: string(text), fleet: string(docs.FleetAPI)}
	want := b.bundle(t)
	if *rewrite {
		if err := os.WriteFile(published, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(published); err != nil || string(got) != want {
		t.Errorf("%s is not what it is made of (%v): run this test with -rewrite", published, err)
	}
}
