package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
)

// Pieces that are hashed while the next ones are written make the digest of all that was written at
// once, however many tenants there are and however long their names.
func TestDigestInPieces(t *testing.T) {
	for _, n := range []int{0, 1, abreast + 1, meanwhile.Few - 1, meanwhile.Few, meanwhile.Few + 1, 5<<13 + 77} {
		tenants, whole := make([]Tenant, n), []byte("{}")
		number := func(v uint64) { whole = binary.LittleEndian.AppendUint64(whole, v) }
		text := func(s string) {
			number(uint64(len(s)))
			whole = append(whole, s...)
		}
		number(2)
		instances := []PlanInstance{{ID: "a", Default: "1", Installed: []string{"1", "2"}}, {ID: "b", Ready: true}}
		for _, i := range instances {
			text(i.ID)
			text(i.Default)
			number(uint64(len(i.Installed)))
			for _, v := range i.Installed {
				text(v)
			}
			if i.Ready {
				number(1)
			}
		}
		for i := range tenants {
			tenants[i] = Tenant{ID: strings.Repeat("t", i%300), Weight: float64(i) / 3, Pin: "1.5.0"[:i%6], PriorRequests: int64(7 * i), PriorErrors: int64(i)}
			text(tenants[i].ID)
			text(tenants[i].Pin)
			number(math.Float64bits(tenants[i].Weight))
			number(uint64(tenants[i].PriorRequests))
			number(uint64(tenants[i].PriorErrors))
		}
		sum := sha256.Sum256(whole)
		if got, want := digestOf([]byte("{}"), instances, tenants), hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%d tenants: the digest is %s, and not %s", n, got, want)
		}
	}
}
