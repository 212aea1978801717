package access

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, key: newEC(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Unix(0, 0), NotAfter: morning.AddDate(50, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// issue makes a client certificate.
func (a *authority) issue(c x509.Certificate) tls.Certificate {
	c.SerialNumber, c.NotBefore, c.ExtKeyUsage = big.NewInt(2), time.Unix(0, 0), []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if c.NotAfter.IsZero() {
		c.NotAfter = morning.AddDate(50, 0, 0)
	}
	key := newEC(a.t)
	der, err := x509.CreateCertificate(rand.Reader, &c, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestClientCertificates asks a real server with certificates of all kinds.
func TestClientCertificates(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	r := newRig(t, Settings{Certificates: []CertificateRule{
		{CommonName: "deployer", Grants: []Grant{{Role: Operate}}},
		{URI: "spiffe://example.com/ci", DNSName: "ci.example.com", Grants: []Grant{{Role: Read}}},
		{Name: "anna", Email: "anna@example.com", Grants: everything},
		{URI: "spiffe://example.com/ci", Grants: []Grant{{Role: Operate, Environments: nil}}},
	}})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		a, err := r.Authenticate(req)
		if err != nil {
			_, _ = io.WriteString(w, err.Error())
			return
		}
		_, _ = io.WriteString(w, a.Name+": "+Describe(a.Grants)+" by "+string(a.Means))
	}))
	s.TLS = &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	s.TLS.ClientCAs.AddCert(ours.cert)
	s.StartTLS()
	t.Cleanup(s.Close)
	id := func(text string) []*url.URL {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return []*url.URL{u}
	}
	deployer := x509.Certificate{Subject: pkix.Name{CommonName: "deployer"}}
	for _, c := range []struct {
		name string
		with []tls.Certificate
		want string // "": the handshake fails
	}{
		{"none", nil, "the request has no credentials: it has to bear a token"},
		{"a common name", []tls.Certificate{ours.issue(deployer)}, "certificate deployer: operate everywhere by client certificate"},
		{"of somebody else", []tls.Certificate{theirs.issue(deployer)}, ""},
		{"an organisation of that name", []tls.Certificate{ours.issue(x509.Certificate{Subject: pkix.Name{Organization: []string{"deployer"}, CommonName: "x"}})}, `no rule is about the client certificate of "x"`},
		{"one of two names", []tls.Certificate{ours.issue(x509.Certificate{DNSNames: []string{"ci.example.com"}})}, `no rule is about the client certificate of ""`},
		{"both names", []tls.Certificate{ours.issue(x509.Certificate{DNSNames: []string{"ci.example.com"}, URIs: id("spiffe://example.com/ci")})}, "certificate ci.example.com: read everywhere; operate everywhere by client certificate"},
		{"an address", []tls.Certificate{ours.issue(x509.Certificate{EmailAddresses: []string{"anna@example.com"}})}, "certificate anna: admin everywhere by client certificate"},
		{"one that is over", []tls.Certificate{ours.issue(x509.Certificate{Subject: deployer.Subject, NotAfter: time.Unix(1, 0)})}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := x509.NewCertPool()
			pool.AddCert(s.Certificate())
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if len(c.with) == 0 {
					return new(tls.Certificate), nil
				}
				return &c.with[0], nil
			}}}}
			defer client.CloseIdleConnections()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				if c.want != "" {
					t.Fatal(err)
				}
				return
			}
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			if err != nil || string(body) != c.want {
				t.Errorf("%v %s instead of %s", err, body, c.want)
			}
		})
	}
}

// TestUnverifiedCertificates shows that what a listener did not verify counts for nothing.
func TestUnverifiedCertificates(t *testing.T) {
	r := newRig(t, Settings{Certificates: []CertificateRule{{CommonName: "deployer", Grants: everything}}})
	leaf, err := x509.ParseCertificate(newAuthority(t).issue(x509.Certificate{Subject: pkix.Name{CommonName: "deployer"}, NotAfter: morning}).Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	req := bearing("")
	req.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}
	r.refused(req, "the request has no credentials: it has to bear a token")
	req.TLS.VerifiedChains = [][]*x509.Certificate{{leaf}}
	r.known(req, "certificate deployer")
	req.Method = http.MethodPost
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	r.refused(req, "the request comes from another site's page, for which the client certificate does not count")
	req.Header.Del("Sec-Fetch-Site")
	r.pass(time.Second) // the connection is open still
	r.refused(req, "the client certificate has expired on 2026-11-27T08:00:00Z")
}
