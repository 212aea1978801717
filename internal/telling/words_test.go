package telling

import (
	"testing"
	"time"
)

func TestLength(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 500 * time.Millisecond: "500ms", 5 * time.Second: "5s", 90 * time.Second: "1m30s", 10 * time.Minute: "10m",
		time.Hour: "1h", 90 * time.Minute: "1h30m", 24 * time.Hour: "24h", time.Hour + 5*time.Second: "1h0m5s",
		1499 * time.Millisecond: "1s",
	} {
		if got := Length(d); got != want {
			t.Errorf("Length(%d) = %s, want %s", d, got, want)
		}
	}
}
