package live

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
)

func TestMain(m *testing.M) {
	hosttest.Main(m, func() {
		if !built {
			return
		}
		if folder, _ := programs(); folder != "" {
			_ = os.RemoveAll(folder)
		}
	})
}

var built bool

// programs are hotswap and the provider, in a folder, built once.
var programs = sync.OnceValues(func() (string, error) {
	built = true
	folder, err := os.MkdirTemp("", "hotswap-live-")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", folder+string(filepath.Separator), ".", "./cmd/hotswap")
	cmd.Dir, cmd.Env = root(), append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return folder, fmt.Errorf("building hotswap: %w: %s", err, out)
	}
	return folder, nil
})

// root is the folder of the repository.
func root() string { return filepath.Dir(filepath.Dir(hosttest.Source())) }

// The host of the tests.
const (
	instances = 20
	tenants   = 150
	rate      = 600
)

// start has a host for a test, with clients; more changes what is put there.
func start(t *testing.T, more func(*Options)) *Rig {
	t.Helper()
	if testing.Short() {
		t.Skip("real processes take minutes")
	}
	folder, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Rate: rate, Options: stack.Options{
		Host: hosttest.Program(t), Hotswap: filepath.Join(folder, "hotswap"), Prometheus: stack.FindPrometheus(), Catalogue: hosttest.Catalogue(t),
		State: filepath.Join(t.TempDir(), "s"), Instances: instances, Tenants: tenants,
	}}
	if o.Prometheus == "" && os.Getenv("CI") != "" {
		t.Fatal("there is no prometheus, and there has to be one where CI is set: apt-get install prometheus")
	}
	if more != nil {
		more(&o)
	}
	if o.Prometheus == "" {
		t.Log("there is no prometheus on this machine: the manager counts")
	}
	r, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n := r.Tally.Counts()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		t.Logf("%d requests were sent, %d not, %d failed and %d of those were lost", n.Sent, r.NotSent(), n.Failed, n.Lost)
		if left := running(o.State); len(left) > 0 {
			t.Errorf("left over: %s", strings.Join(left, "; "))
		}
	})
	if err := r.Settle(context.Background(), 12*time.Second); err != nil {
		t.Fatal(err)
	}
	return r
}

// running are the processes whose command line has a text in it, of this machine.
func running(text string) (found []string) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, l := range lines {
		if line, err := os.ReadFile(l); err == nil && strings.Contains(string(line), text) {
			found = append(found, l+": "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// freePort is an address on loopback that nobody listens on now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
