// Package promtest starts a real Prometheus for a test: on a port of its own of this
// machine, with a configuration that is made here, in a folder that goes with the test.
package promtest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Options are how a Prometheus is started.
type Options struct {
	// Targets are what is scraped, as host:port, at /metrics.
	Targets []string
	// Scrape is the time between two scrapes; 0: a second.
	Scrape time.Duration
	// Args are put to the command line, and More to the configuration.
	Args []string
	More string
}

// Prometheus is one that runs, until its test ends.
type Prometheus struct {
	// Address is where it is reached, as http://127.0.0.1:port. It stays the same.
	Address string

	t       testing.TB
	o       Options
	program string
	folder  string
	port    string
	process *exec.Cmd
	done    chan struct{} // closed when process has ended
}

// Program is the prometheus of this machine. Where there is none the test is skipped, but
// not where CI is set in the environment: there it fails.
func Program(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	switch {
	case err == nil:
		return program
	case os.Getenv("CI") != "":
		t.Fatal("there is no prometheus on the PATH: apt-get install --no-install-recommends prometheus")
	default:
		t.Skip("SKIPPED, NOTHING WAS TESTED: there is no prometheus on the PATH (apt-get install --no-install-recommends prometheus)")
	}
	return ""
}

// Start starts one that scrapes targets every second.
func Start(t testing.TB, targets ...string) *Prometheus {
	t.Helper()
	return StartWith(t, Options{Targets: targets})
}

// StartWith starts one, and waits until it is ready.
func StartWith(t testing.TB, o Options) *Prometheus {
	t.Helper()
	p := &Prometheus{t: t, o: o, program: Program(t), folder: t.TempDir()}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now; nobody else asks for it so soon
	if err != nil {
		t.Fatal(err)
	}
	p.Address, p.port = "http://"+l.Addr().String(), l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	p.configure()
	p.Restart()
	t.Cleanup(p.Kill)
	return p
}

// configure writes the configuration.
func (p *Prometheus) configure() {
	p.t.Helper()
	every := p.o.Scrape
	if every == 0 {
		every = time.Second
	}
	quoted := make([]string, len(p.o.Targets))
	for i, target := range p.o.Targets {
		quoted[i] = fmt.Sprintf("%q", target)
	}
	text := fmt.Sprintf("global: {scrape_interval: %dms, scrape_timeout: %dms}\nscrape_configs:\n- job_name: fleet\n  static_configs: [{targets: [%s]}]\n",
		every.Milliseconds(), every.Milliseconds(), strings.Join(quoted, ", "))
	if err := os.WriteFile(filepath.Join(p.folder, "prometheus.yml"), []byte(text+p.o.More), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// Target changes what is scraped, as service discovery does.
func (p *Prometheus) Target(targets ...string) {
	p.t.Helper()
	p.o.Targets = targets
	p.configure()
	resp, err := http.Post(p.Address+"/-/reload", "", http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("reloading: %s, %v", resp.Status, err)
	}
}

// Restart starts it again, with the data that it has, and waits until it is ready.
func (p *Prometheus) Restart() {
	p.t.Helper()
	p.Stop()
	log, err := os.OpenFile(filepath.Join(p.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	args := append([]string{
		"--config.file=" + filepath.Join(p.folder, "prometheus.yml"), "--storage.tsdb.path=" + filepath.Join(p.folder, "data"),
		"--web.listen-address=" + p.port, "--web.enable-lifecycle", "--log.level=warn",
	}, p.o.Args...)
	p.process = exec.Command(p.program, args...)
	p.process.Stdout, p.process.Stderr = log, log
	if err := p.process.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.done = make(chan struct{})
	go func(process *exec.Cmd, done chan struct{}) {
		_ = process.Wait() // how it ended is in its log
		_ = log.Close()
		close(done)
	}(p.process, p.done)
	for range 300 {
		if p.ready() {
			return
		}
		if err := walker.Pause(p.t.Context(), 100*time.Millisecond); err != nil {
			p.t.Fatal(err)
		}
	}
	said, _ := os.ReadFile(filepath.Join(p.folder, "log")) // whatever there is
	p.t.Fatalf("prometheus is not ready after 30 s: %s", said)
}

func (p *Prometheus) ready() bool {
	resp, err := http.Get(p.Address + "/-/ready")
	return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

// Stop ends it as a service manager does, and waits until it is gone.
func (p *Prometheus) Stop() { p.end(syscall.SIGTERM) }

// Kill ends it at once.
func (p *Prometheus) Kill() { p.end(syscall.SIGKILL) }

func (p *Prometheus) end(signal syscall.Signal) {
	if p.process == nil {
		return
	}
	_ = p.process.Process.Signal(signal) // it may be gone already
	<-p.done
	p.process = nil
}
