package conformance

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func serviceClauses() []Clause {
	return []Clause{
		{ID: "service.limits", Says: "Limits are not below what the contract has as the least: one item of a page, 65,536 bytes of a body, one line of a list of targets.", try: (*trial).limits},
		{ID: "service.sandbox", Says: "The sandbox has at least two instances that are ready, ten tenants where there are tenants, and the first of its versions runs there when nothing is tried.", try: (*trial).asFound},
	}
}

func authClauses() []Clause {
	return []Clause{
		{ID: "auth.missing", Says: "A request without a token is answered with 401 `unauthenticated`.", try: (*trial).noToken},
		{ID: "auth.wrong", Says: "A request with another token is answered with 401 `unauthenticated`.", try: (*trial).wrongToken},
		{ID: "auth.silent", Says: "What is answered to who is not known has nothing of the token in it, and does not differ with what there is.", After: []string{"auth.wrong"}, try: (*trial).silent},
	}
}

func (t *trial) limits() {
	l := t.service.Limits
	t.read(ask{method: http.MethodGet, top: true, path: []string{"v1"}}, http.StatusOK, nil)
	t.must(l.Page >= 0 && l.Targets >= 0 && (l.Body == 0 || l.Body >= 1<<16), "the limits are %+v", l)
}

func (t *trial) asFound() {
	ready := 0
	for _, i := range t.instances() {
		if i.Slot != t.box.slot {
			continue
		}
		t.must(i.Default == t.box.old, "instance %s runs %q, and %s is what runs there", i.ID, i.Default, t.box.old)
		if i.Ready {
			ready++
		}
	}
	t.must(ready >= 2, "%d instances are ready", ready)
	t.must(!t.can(engine.CanTenants) || len(t.box.tenants) >= 10, "there are %d tenants", len(t.box.tenants))
}

// asked sends a GET with other credentials than those of the run.
func (t *trial) asked(credentials *config.Authorization, path []string) *answer {
	s := t.Connection
	if s.HTTP.Authorization == nil {
		t.leaveOut("the run has no token: who asks is known by something else, or by nothing")
	}
	s.HTTP.Authorization = credentials
	conn, err := connect.New(s)
	if err != nil {
		t.fail("%v", err)
	}
	defer conn.Close()
	other := &caller{conn: conn, ledger: t.caller.ledger, secret: t.caller.secret}
	got, err := other.do(t.ctx, nil, ask{method: http.MethodGet, top: true, path: path})
	t.caller.last = append(t.caller.last, other.last...)
	if err != nil {
		t.fail("there was no answer: %v", err)
	}
	return got
}

// otherToken is one that no fleet knows.
const otherToken = "conformance-token-of-nobody"

func (t *trial) isUnknown(got *answer) {
	t.must(got.status == http.StatusUnauthorized && got.reason == contract.Unauthenticated, "%s came, and 401 %s is wanted", got.told(), contract.Unauthenticated)
}

func (t *trial) noToken() {
	t.isUnknown(t.asked(nil, []string{"v1"}))
	t.isUnknown(t.asked(nil, t.base))
}

func wrong() *config.Authorization {
	return &config.Authorization{Type: "Bearer", Credentials: otherToken}
}

func (t *trial) wrongToken() {
	t.isUnknown(t.asked(wrong(), []string{"v1"}))
	t.isUnknown(t.asked(wrong(), t.base))
}

func (t *trial) silent() {
	there := t.asked(wrong(), t.base)
	nowhere := t.asked(wrong(), append(slices.Clone(t.base[:len(t.base)-1]), "conformance-no-such-plugin"))
	t.must(!bytes.Contains(there.body, []byte(otherToken)), "the answer has the token in it that was sent")
	t.must(there.status == nowhere.status, "%s came where there is a plugin, and %s where there is none", there.told(), nowhere.told())
}

// zipped is data, compressed.
func zipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes all
	_ = z.Close()
	return b.Bytes()
}

// unzipped is the body of an answer that may be compressed.
func unzipped(a *answer) ([]byte, error) {
	if a.header.Get("Content-Encoding") != "gzip" {
		return a.body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, mostAnswer))
}
