package instance

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// usageEvery is how often it is looked at what processes use.
const usageEvery = time.Second

// tick is a second's part in which Linux tells processor time, on all that Go runs on.
const tick = 100

// usage is what the processes of an instance use, as the system tells.
type usage struct {
	cores float64 // the limits
	bytes float64

	mu   sync.Mutex
	used map[int]used
}

// used is what a process uses.
type used struct {
	at      time.Time
	seconds float64 // of processors, since it was started
	cores   float64 // in the last while
	bytes   float64
}

// look looks at the processes that there are.
func (u *usage) look(pids []int) {
	now := map[int]used{}
	for _, pid := range pids {
		seconds, bytes, err := lookAt(pid)
		if err != nil {
			continue // it is over, or this system does not tell
		}
		one := used{at: time.Now(), seconds: seconds, bytes: bytes}
		u.mu.Lock()
		if before, ok := u.used[pid]; ok && one.at.After(before.at) {
			one.cores = max(0, seconds-before.seconds) / one.at.Sub(before.at).Seconds()
		}
		u.mu.Unlock()
		now[pid] = one
	}
	u.mu.Lock()
	u.used = now
	u.mu.Unlock()
}

// of is the share of the limits that processes use together, 0..1; false where the system
// did not tell of any.
func (u *usage) of(pids ...int) (cpu, memory float64, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, pid := range pids {
		if one, there := u.used[pid]; there {
			ok = true
			cpu += one.cores / u.cores
			memory += one.bytes / u.bytes
		}
	}
	return min(cpu, 1), min(memory, 1), ok
}

// lookAt reads /proc: the processor time of a process, and the memory that is its own and
// no file's, as a container is charged for.
func lookAt(pid int) (seconds, bytes float64, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	// The second field is a name that may have anything in it, and ends at the last bracket.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return 0, 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	for _, f := range fields[11:13] { // user and system
		ticks, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return 0, 0, err
		}
		seconds += ticks / tick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
			return seconds, kib * 1024, err
		}
	}
	return 0, 0, fmt.Errorf("/proc/%d/status has no RssAnon", pid)
}
