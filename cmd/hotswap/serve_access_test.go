package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServeToken has a token that is written where only its owner reads it, and one that
// changes while the server runs.
func TestServeToken(t *testing.T) {
	dir := t.TempDir()
	s := start(t, "--scenario", guideCanary, "--state", dir)
	info, err := os.Stat(filepath.Join(dir, "token"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	s.want(200, "GET", "/v1", "", nil)
	if got := s.call("GET", "/metrics", "", nil, "Authorization: Bearer x"); got != 401 {
		t.Errorf("metrics without a token: %d", got)
	}
	s.want(200, "GET", "/healthz", "", nil, "Authorization: ")
	s.want(200, "GET", "/readyz", "", nil, "Authorization: ")

	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("one\n")
	own := start(t, "--scenario", guideCanary, "--token-file", file)
	own.want(200, "GET", "/v1", "", nil)
	write("two")
	own.want(401, "GET", "/v1", "", nil)
	own.token = "two"
	own.want(200, "GET", "/v1", "", nil)
	write("")
	own.want(503, "GET", "/v1", "", nil)
	if strings.Contains(own.errs.String(), "two") {
		t.Error("the log has the token")
	}
}

// TestServeTemporary has a folder of its own removed in the end.
func TestServeTemporary(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	s := start(t, "--scenario", guideCanary)
	if code := s.end(syscall.SIGTERM); code != 0 {
		t.Errorf("exit %d", code)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

// TestServeTLS serves HTTPS.
func TestServeTLS(t *testing.T) {
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, &from, &from, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for kind, der := range map[string][]byte{"CERTIFICATE": cert, "PRIVATE KEY": private} {
		files[kind] = filepath.Join(dir, kind)
		if err := os.WriteFile(files[kind], pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, "--scenario", guideCanary, "--tls-cert-file", files["CERTIFICATE"], "--tls-key-file", files["PRIVATE KEY"])
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	s.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Error(s.url)
	}
	s.want(200, "GET", "/v1", "", nil)
	var out bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--scenario", guideCanary, "--tls-cert-file", files["PRIVATE KEY"], "--tls-key-file", files["PRIVATE KEY"]}, &out, &out); code != exitInput {
		t.Errorf("a certificate that is none: exit %d\n%s", code, out.String())
	}
}

// TestServeTaken serves where somebody else does.
func TestServeTaken(t *testing.T) {
	dir := t.TempDir()
	s := start(t, "--scenario", guideCanary, "--state", dir)
	for want, args := range map[string][]string{
		"is in use by another process: give another port": {"--listen", strings.TrimPrefix(s.url, "http://")},
		"another process serves from this folder":         {"--state", dir},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), append([]string{"serve", "--scenario", guideCanary}, args...), &out, &out); code != exitInput || !strings.Contains(out.String(), want) {
			t.Errorf("exit %d, want %q in\n%s", code, want, out.String())
		}
	}
}
