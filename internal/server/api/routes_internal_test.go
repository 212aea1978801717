package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
)

// described is what the document says of a method of a path.
type described struct {
	OperationID string `yaml:"operationId"`
	Role        string `yaml:"x-role"`
	Security    *[]any
}

// TestRoutes holds what is answered against what the document has: each path, each method, its
// name and the role that it takes, in both directions.
func TestRoutes(t *testing.T) {
	var document struct {
		Paths map[string]map[string]yaml.RawMessage
	}
	if err := yaml.Unmarshal(docs.ServerAPI, &document); err != nil {
		t.Fatal(err)
	}
	told := map[string]described{}
	for at, item := range document.Paths {
		for method, text := range item {
			var d described
			if method == "parameters" {
				continue
			}
			if err := yaml.Unmarshal(text, &d); err != nil {
				t.Fatal(err)
			}
			told[strings.ToUpper(method)+" "+at] = d
		}
	}
	a := &api{Options: Options{Metrics: http.NotFoundHandler()}}
	for at, p := range a.paths() {
		for method, op := range p {
			d, ok := told[method+" "+at]
			if !ok || d.OperationID != op.name || d.Role != string(op.role) || d.Security != nil {
				t.Errorf("%s %s is %s, for %q, and in the document %+v", method, at, op.name, op.role, d)
			}
			delete(told, method+" "+at)
		}
	}
	for at := range a.open() {
		if d, ok := told["GET "+at]; !ok || d.Role != "" || d.Security == nil || len(*d.Security) != 0 {
			t.Errorf("anybody may ask for %s, and in the document it is %+v", at, d)
		}
		delete(told, "GET "+at)
	}
	for at := range told {
		t.Errorf("%s is in the document, and not answered", at)
	}
}
