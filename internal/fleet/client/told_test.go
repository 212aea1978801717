package client_test

import (
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// TestDetailIsTold: what a fleet says of a refusal is told to its end, where what helps is; a page
// of it is not.
func TestDetailIsTold(t *testing.T) {
	why := "tenants: database pg-1/tenant_11: " + strings.Repeat("it is so because of this. ", 20) + "check the password in password_file"
	for detail, want := range map[string]string{why: why, strings.Repeat("x", 50_000): strings.Repeat("x", 1000)} {
		w, _ := fleet(t, map[string][]answer{"GET ": {problem(contract.NotSupported, detail)}})
		_, err := w.Describe(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 2000 {
			t.Errorf("%v", err)
		}
	}
}
