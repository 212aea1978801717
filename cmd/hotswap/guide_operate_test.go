package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestGuideOfOperating follows the guide "Operate a rollout server": its commands, on a server
// that it starts, and its configurations, each of which has to be right.
func TestGuideOfOperating(t *testing.T) {
	r := newReader(t, "templates/guides/operate-the-server.md.tmpl")
	r.does(r.fenced("console")[0])
	r.serves("rollouts/hotswap.yaml")
	for _, block := range r.fenced("console")[1:] {
		r.does(block)
	}
	if said := r.does("hotswap audit"); !strings.Contains(said, "start payment-gateway-staging-1") {
		t.Error(said)
	}
	metrics, err := os.ReadFile("../../internal/server/observe/testdata/metrics.md")
	if err != nil || !strings.Contains(r.guide, strings.TrimSpace(string(metrics))) {
		t.Errorf("the guide does not have the table of metrics: %v", err)
	}
}

// TestReadme decides a rollout with the README alone. What it builds is there.
func TestReadme(t *testing.T) {
	r := newReader(t, "README.md")
	built := false
	for _, block := range r.fenced("console") {
		if rest, builds := strings.CutPrefix(block, "make build-cli\nexport PATH=$PWD/bin:$PATH\n"); builds {
			r.does(rest)
			built = true
		}
	}
	if !built {
		t.Fatal("the README does not build the command line")
	}
	r.serves(".cache/try/hotswap.yaml")
	said := ""
	for _, block := range r.fenced("console") {
		if rest, logsIn := strings.CutPrefix(block, "export PATH=$PWD/bin:$PATH\nhotswap login "); logsIn {
			said += r.does("hotswap login " + rest)
		}
	}
	if !strings.HasSuffix(said, "rolled_back\n") {
		t.Error(said)
	}
}

// filesOf finds the files that a configuration names.
var filesOf = regexp.MustCompile(`\b(\w*file|scenario): ([\w.-]+)`)

func TestConfigurationsOfOperating(t *testing.T) {
	all := newReader(t, "templates/guides/operate-the-server.md.tmpl").fenced("yaml")
	t.Setenv("HOTSWAP_DSN", "postgres://db/hotswap")
	for _, text := range all {
		dir := t.TempDir()
		writeCertificate(t, dir)
		for _, found := range filesOf.FindAllStringSubmatch(text, -1) {
			path, content := filepath.Join(dir, found[2]), "a-secret-of-twenty-four-characters"
			if found[1] == "scenario" {
				content = shopFleet
			}
			if _, err := os.Stat(path); err == nil {
				continue
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "hotswap.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if code := run(t.Context(), []string{"serve", "--config", filepath.Join(dir, "hotswap.yaml"), "--check"}, &out, &out); code != exitFine {
			t.Errorf("exit %d\n%s\n%s", code, out.String(), text)
		}
		if strings.Contains(out.String(), "is a name") {
			t.Errorf("a rule goes by a name:\n%s", out.String())
		}
	}
	if len(all) < 8 {
		t.Errorf("the guide has %d configurations", len(all))
	}
}

// writeCertificate writes a certificate that is a CA too, and its key.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, &from, &from, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	for name, text := range map[string][]byte{
		"server.crt": public, "clients.crt": public, "server.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUnit has systemd read the unit, with this program in the place of the server's.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("there is no systemd-analyze: ", err)
	}
	text, err := os.ReadFile("../../examples/server/hotswap.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := written(t, "hotswap.service", strings.ReplaceAll(string(text), "/usr/local/bin/hotswap", os.Args[0]))
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
