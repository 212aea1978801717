//go:build unix

package launch_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// thousandVariable has the load test start so many rollouts, and watch them for so many
// seconds, as in 1000,60.
const thousandVariable = "HOTSWAP_TEST_LOAD"

// TestLoad has a server walk many rollouts at the pace of real time, each of a fleet with 150
// tenants in another process, over HTTP, and tells what that costs; and how soon all of them
// are walked again after a restart. HOTSWAP_TEST_LOAD=1000,60 is the campaign.
func TestLoad(t *testing.T) {
	n, seconds := 30, 5
	if load := os.Getenv(thousandVariable); load != "" {
		rollouts, length, _ := strings.Cut(load, ",")
		n, seconds = atoi(t, rollouts), atoi(t, length)
	}
	var clock walker.Time
	dir, endpoint := t.TempDir(), startFleets(t, n)
	r := start(t, dir, endpoint, "")
	begun := clock.Now()
	r.startRollouts(n, "PT10M")
	t.Logf("%d rollouts started in %s", n, clock.Now().Sub(begun).Round(time.Millisecond))
	r.walking(n, time.Minute)
	_ = walker.Pause(t.Context(), 3*time.Second) // all bake
	cpu, wall := used(t), clock.Now()
	_ = walker.Pause(t.Context(), time.Duration(seconds)*time.Second)
	share := float64(used(t)-cpu) / float64(clock.Now().Sub(wall))
	t.Logf("%d rollouts at the pace of real time: %.1f %% of one core, %d MB resident", n, 100*share, resident(t)>>20)
	r.stop()
	begun = clock.Now()
	r = start(t, dir, endpoint, "")
	t.Logf("restarted in %s", clock.Now().Sub(begun).Round(time.Millisecond))
	r.walking(n, time.Minute)
	t.Logf("all %d walked again after %s", n, clock.Now().Sub(begun).Round(time.Millisecond))
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// walking waits until the server has stepped n rollouts.
func (r *rig) walking(n int, within time.Duration) {
	r.t.Helper()
	var clock walker.Time
	for deadline := clock.Now().Add(within); r.server.Walking() < n; _ = walker.Pause(r.t.Context(), 5*time.Millisecond) {
		if clock.Now().After(deadline) {
			r.t.Fatalf("%d of %d are walked after %s", r.server.Walking(), n, within)
		}
	}
}

// used is how much time of a processor this process has had.
func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is how many bytes of this process are in memory.
func resident(t *testing.T) int64 {
	t.Helper()
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0 // not on this system
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	return 0
}
