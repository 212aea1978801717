package conformance

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func targetClauses() []Clause {
	return []Clause{
		{ID: "targets.kept", Says: "A list of targets is kept as it came, byte for byte: 201, and then 200 as often as it comes again.", try: (*trial).keptTargets},
		{ID: "targets.unknown", Says: "404 `not-found` where there is no list of this digest.", try: (*trial).unknownTargets},
		{ID: "targets.digest", Says: "A list whose SHA-256 is not the `digest` of the address is answered with 422 `targets-differ`, and not kept.", After: []string{"targets.unknown"}, try: (*trial).otherDigest},
	}
}

// fresh is a list of targets that was never uploaded, with names that are hard to keep.
func (t *trial) fresh() []byte {
	t.going.n++
	list := contract.EncodeTargets(t.box.targets(t.newID(), `"quoted" \ <b>&`, "žluťoučký kůň 🐎", strings.Repeat("x", contract.MostNameSize)))
	return bytes.TrimSuffix(list, []byte("\n")) // the last line need not end
}

func uploadOf(digest string, list []byte) ask {
	return ask{method: http.MethodPut, path: []string{"targets", digest}, raw: list, media: contract.NDJSON}
}

func (t *trial) keptTargets() {
	list := t.fresh()
	digest := contract.DigestOf(list)
	t.read(uploadOf(digest, list), http.StatusCreated, nil)
	t.read(uploadOf(digest, list), http.StatusOK, nil)
	got := t.read(get("targets", digest), http.StatusOK, nil)
	t.must(bytes.Equal(got.body, list), "%d bytes came back, of the %d that were sent, or others", len(got.body), len(list))
	t.must(got.media() == contract.NDJSON, "the list is %q, and %s is wanted", got.header.Get("Content-Type"), contract.NDJSON)
}

func (t *trial) otherDigest() {
	digest := contract.DigestOf([]byte(t.newID()))
	t.refused(uploadOf(digest, t.fresh()), contract.TargetsDiffer)
	t.refused(get("targets", digest), contract.NotFound)
}

func (t *trial) unknownTargets() {
	t.refused(get("targets", contract.DigestOf([]byte(t.newID()))), contract.NotFound)
}

func (t *trial) missingTargets() {
	digest := contract.DigestOf([]byte(t.newID()))
	t.walk()
	t.refused(t.next(contract.Order{Targets: digest, Change: engine.Change{Kind: engine.Replace, Version: t.box.old, Instances: first(1)}}), contract.TargetsMissing)
	t.refused(post(contract.Watch{Candidate: t.box.new, Targets: digest, Instances: first(1)}, "rollouts", t.going.rollout, "condition"), contract.TargetsMissing)
	if t.can(engine.CanTraffic) {
		now := t.describe().At
		t.refused(post(contract.Question{Version: t.box.new, From: now.Add(-1), To: now, Targets: digest, Instances: first(1)}, "measurements"), contract.TargetsMissing)
	}
}

func (t *trial) noPlaces() {
	digest := t.listed()
	beyond := engine.Range{From: 0, To: len(t.box.instances) + 2}
	t.walk()
	t.refused(t.next(contract.Order{Targets: digest, Change: engine.Change{Kind: engine.Replace, Version: t.box.old, Instances: beyond}}), contract.InvalidRequest)
	t.refused(post(contract.Watch{Candidate: t.box.new, Targets: digest, Instances: beyond}, "rollouts", t.going.rollout, "condition"), contract.InvalidRequest)
}
