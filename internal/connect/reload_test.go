package connect

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/common/config"
)

// TestCertificatesAreReadAgain has a server that asks for a client certificate, and files
// that are written while the client is there already.
func TestCertificatesAreReadAgain(t *testing.T) {
	s := httptest.NewUnstartedServer(echo("X"))
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.StartTLS()
	defer s.Close()
	other := httptest.NewTLSServer(echo("X"))
	defer other.Close()
	pair := s.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, kind string, data []byte) string {
		t.Helper()
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	of := config.TLSConfig{CAFile: write("ca", "CERTIFICATE", pair.Certificate[0])}
	c := reach(t, s.URL, func(s *Settings) { s.HTTP.TLSConfig = of })
	var f *Fault
	if _, err := get(t, c); !errors.As(err, &f) || f.Kind != Untrusted || f.Sent {
		t.Errorf("without a certificate: %v", err)
	}
	of.CertFile, of.KeyFile = write("cert", "CERTIFICATE", pair.Certificate[0]), write("key", "PRIVATE KEY", key)
	c = reach(t, s.URL, func(s *Settings) { s.HTTP.TLSConfig = of })
	if _, err := get(t, c); err != nil {
		t.Errorf("with one: %v", err)
	}
	write("ca", "CERTIFICATE", []byte("none"))
	if _, err := get(t, c); err == nil {
		t.Error("the CA is none any more, and its certificate is taken")
	}
	write("ca", "CERTIFICATE", pair.Certificate[0])
	if _, err := get(t, c); err != nil {
		t.Errorf("with the CA again: %v", err)
	}
}
