package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
)

// Listener is where a server listens, and how.
type Listener struct {
	Address      string // HOST:PORT
	CertFile     string // "": HTTP
	KeyFile      string
	ClientCAFile string // "": client certificates are not asked for
	// Local says that nobody but this machine can come.
	Local bool
}

// Listener is where the server listens.
func (c *Config) Listener() Listener {
	host, _, _ := net.SplitHostPort(c.Listen) // Read has checked it
	return Listener{c.Listen, string(c.TLS.CertFile), string(c.TLS.KeyFile), string(c.TLS.ClientCAFile), local(host)}
}

// Config is how connections are protected, with the certificates as they are now; nil: they
// are not. A client need not have a certificate, and one that the CA does not know is refused.
func (l Listener) Config() (*tls.Config, error) {
	if l.CertFile == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(l.CertFile, l.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if l.ClientCAFile == "" {
		return c, nil
	}
	pem, err := os.ReadFile(l.ClientCAFile)
	if err != nil {
		return nil, fmt.Errorf("tls.client_ca_file: %w", err)
	}
	c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("tls.client_ca_file: %s has no certificate in PEM", l.ClientCAFile)
	}
	return c, nil
}
