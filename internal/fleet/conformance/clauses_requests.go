package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func requestClauses() []Clause {
	return []Clause{
		{ID: "requests.plugin", Says: "Where there is no such plugin or no such environment, 404 `unknown-plugin`.", try: (*trial).unknownPlugin},
		{ID: "requests.path", Says: "A path that the contract does not have is answered with 404 `not-found`.", try: (*trial).unknownPath},
		{ID: "requests.json", Says: "A body that is no JSON, or not of the form that its schema has, is answered with 400 `invalid-request`.", try: (*trial).garbage},
		{ID: "requests.media", Says: "A body of another type than that of the operation is answered with 415 `unsupported-media-type`.", try: (*trial).otherMedia},
		{ID: "requests.large", Says: "A body of more bytes than `limits.body` is answered with 413 `too-large`.", try: (*trial).large},
		{ID: "requests.unknown_fields", Says: "Fields that are not known are ignored.", try: (*trial).unknownFields},
		{ID: "requests.parameters", Says: "A parameter that is not as its schema has it is answered with 400 `invalid-request`.", try: (*trial).parameters},
		{ID: "requests.gzip", Says: "Where `encodings` has `gzip`, bodies may be compressed with it; where it has not, and with any other encoding, 415 `unsupported-media-type`.", try: (*trial).gzipRequests},
		{ID: "answers.gzip", Says: "Answers are compressed with gzip only where the client says that it takes it.", try: (*trial).gzipAnswers},
	}
}

// watch is a condition that is asked for without any effect.
func (t *trial) watch() ask {
	return post(contract.Watch{Candidate: t.box.new}, "rollouts", t.going.id+"-none", "condition")
}

// watchText is the body of watch.
func (t *trial) watchText() []byte { return fmt.Appendf(nil, `{"candidate":%q}`, t.box.new) }

func (t *trial) unknownPlugin() {
	for _, base := range [][]string{
		{"v1", "environments", t.Environment, "plugins", "conformance-no-such-plugin"},
		{"v1", "environments", "conformance-nowhere", "plugins", t.Plugin},
	} {
		t.refused(ask{method: http.MethodGet, top: true, path: base}, contract.UnknownPlugin)
		t.refused(ask{method: http.MethodGet, top: true, path: append(slices.Clone(base), "instances")}, contract.UnknownPlugin)
	}
}

func (t *trial) unknownPath() {
	t.refused(ask{method: http.MethodGet, top: true, path: []string{"v1", "conformance-no-such-path"}}, contract.NotFound)
	t.refused(get("conformance-no-such-path"), contract.NotFound)
}

func (t *trial) garbage() {
	a := t.watch()
	for _, text := range []string{`{"candidate":`, `[]`, `null`, `"text"`, `{"candidate":7}`, `{"candidate":"1","named":"everybody"}`, ""} {
		a.body, a.raw, a.media = nil, []byte(text), contract.JSON
		t.refused(a, contract.InvalidRequest)
	}
}

func (t *trial) otherMedia() {
	a := t.watch()
	a.body, a.raw, a.media = nil, t.watchText(), "text/plain"
	t.refused(a, contract.UnsupportedMedia)
	list := contract.EncodeTargets(t.box.targets("conformance-other-media"))
	t.refused(ask{method: http.MethodPut, path: []string{"targets", contract.DigestOf(list)}, raw: list, media: contract.JSON}, contract.UnsupportedMedia)
}

func (t *trial) large() {
	a := t.watch()
	most := t.service.Limits.Or().Body
	fill := strings.Repeat("x", 1<<10)
	w := contract.Watch{Candidate: t.box.new}
	for n := int64(0); n <= most; n += int64(len(fill)) {
		w.Named = append(w.Named, fill)
	}
	a.body = w
	t.refused(a, contract.TooLarge)
}

func (t *trial) unknownFields() {
	a := t.watch()
	a.body = map[string]any{"candidate": t.box.new, "conformanceField": map[string]any{"of": []int{1, 2}}, "slot": "", "conformance": nil}
	t.read(a, http.StatusOK, nil)
}

func (t *trial) parameters() {
	for _, limit := range []string{"0", "-1", "many", "1.5"} {
		t.refused(get("instances").with("limit", limit), contract.InvalidRequest)
	}
	if t.can(engine.CanJournal) {
		t.refused(get("rollouts").with("below", "0"), contract.InvalidRequest)
		t.refused(get("rollouts").with("limit", "0"), contract.InvalidRequest)
	}
}

func (t *trial) gzipRequests() {
	a := t.watch()
	plain := t.watchText()
	a.body, a.raw, a.media = nil, zipped(plain), contract.JSON
	a = a.head("Content-Encoding", "gzip")
	if !t.service.Takes("gzip") {
		t.refused(a, contract.UnsupportedMedia)
	} else {
		t.read(a, http.StatusOK, nil)
		list := contract.EncodeTargets(t.box.targets("conformance-zipped"))
		upload := ask{method: http.MethodPut, path: []string{"targets", contract.DigestOf(list)}, raw: zipped(list), media: contract.NDJSON}
		got := t.send(upload.head("Content-Encoding", "gzip"))
		t.must(got.status/100 == 2, "%s came to a list of targets, compressed, under the digest of the plain one", got.told())
		kept := t.send(get("targets", contract.DigestOf(list)))
		t.must(bytes.Equal(kept.body, list), "the list of targets is not given back as it was before it was compressed")
	}
	a.raw = plain
	t.refused(a.head("Content-Encoding", "conformance"), contract.UnsupportedMedia)
}

func (t *trial) gzipAnswers() {
	for _, path := range []string{"instances", "tenants"} {
		a := get(path)
		plain := t.send(a)
		t.must(plain.header.Get("Content-Encoding") == "", "the answer is encoded with %q, and the request takes only identity", plain.header.Get("Content-Encoding"))
		got := t.send(a.head("Accept-Encoding", "gzip"))
		data, err := unzipped(got)
		t.must(err == nil && json.Valid(data), "the answer to a request that takes gzip cannot be read: %v", err)
	}
}
