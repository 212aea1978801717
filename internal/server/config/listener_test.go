package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certified writes a certificate of its own making for a name.
func certified(t *testing.T, cert, key, name string, at time.Time) {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Unix(1<<34, 0), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, own.Public(), own)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// shown is the name in the certificate that a server shows.
func shown(t *testing.T, c *tls.Config) string {
	t.Helper()
	here, there := net.Pipe()
	server, client := tls.Server(here, c), tls.Client(there, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
	ended := make(chan error, 1)
	go func() { ended <- server.HandshakeContext(t.Context()) }()
	if err := client.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return client.ConnectionState().PeerCertificates[0].Subject.CommonName
}

func TestListener(t *testing.T) {
	dir := t.TempDir()
	cert, key, begin := filepath.Join(dir, "crt"), filepath.Join(dir, "key"), time.Unix(1_800_000_000, 0)
	certified(t, cert, key, "one", begin)
	l := Listener{Address: ":1", CertFile: cert, KeyFile: key, ClientCAFile: cert}
	c, err := l.Config()
	if err != nil || c.ClientAuth != tls.VerifyClientCertIfGiven || c.ClientCAs == nil {
		t.Fatal(c, err)
	}
	if got := shown(t, c); got != "one" {
		t.Error(got)
	}
	certified(t, cert, key, "two", begin.Add(time.Second))
	if got := shown(t, c); got != "two" {
		t.Errorf("%s is shown after a change", got)
	}
	certified(t, cert, filepath.Join(dir, "elsewhere"), "three", begin.Add(2*time.Second))
	if got := shown(t, c); got != "two" {
		t.Errorf("%s is shown in the middle of a change", got)
	}
	if _, err := l.Config(); err == nil || !strings.HasPrefix(err.Error(), "tls: "+"tls: private key does not match") {
		t.Error(err)
	}
	certified(t, cert, key, "four", begin)
	l.ClientCAFile = key
	if _, err := l.Config(); err == nil || err.Error() != "tls.client_ca_file: "+key+" has no certificate in PEM" {
		t.Error(err)
	}
	if c, err := (Listener{}).Config(); c != nil || err != nil {
		t.Error(c, err)
	}
}
