package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
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

// Config is how connections are protected; nil: they are not. The server's certificate may
// change while it runs; the CA of its clients is that of now. A client need not have a
// certificate, and one that the CA does not know is refused.
func (l Listener) Config() (*tls.Config, error) {
	if l.CertFile == "" {
		return nil, nil
	}
	own := &pair{cert: l.CertFile, key: l.KeyFile}
	if _, err := own.get(nil); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: own.get}
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

// pair is a certificate and its key, read again when their files change.
type pair struct {
	cert, key string

	mu   sync.Mutex
	read *tls.Certificate
	of   [2]stamp
}

// stamp tells whether a file is as it was.
type stamp struct {
	changed time.Time
	size    int64
}

// get is the certificate for a connection. Where the files do not fit together, because
// somebody is about to change them, the one before goes on.
func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var now [2]stamp
	for i, file := range []string{p.cert, p.key} {
		if info, err := os.Stat(file); err == nil {
			now[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	if p.read != nil && now == p.of {
		return p.read, nil
	}
	fresh, err := tls.LoadX509KeyPair(p.cert, p.key)
	switch {
	case err == nil:
		p.read, p.of = &fresh, now
	case p.read == nil:
		return nil, err
	}
	return p.read, nil
}
