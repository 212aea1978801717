package engine_test

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

func TestMemoryJournals(t *testing.T) {
	js := engine.NewMemoryJournals()
	enginetest.Journals(t, func() engine.Journals { return js })
}
