package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
)

// Digest identifies what a spec asks for, whatever of it is spelled out: two specs
// that resolve to the same settings have the same digest.
func (s Spec) Digest() string {
	sum := sha256.Sum256(inJSON(s.Resolve()))
	return hex.EncodeToString(sum[:])
}

// digest identifies the plan.
func (p Plan) digest() string { return digestOf(EncodePlan(&p), p.Instances, p.Tenants) }

// EncodePlan is p written down for a store, in JSON: all of it but the digest, the
// instances and the tenants, which the store keeps beside it in a form of its own. The
// digest is over these very bytes, so they are to be kept as they are.
func EncodePlan(p *Plan) []byte {
	head := *p
	head.Digest, head.Tenants, head.Instances = "", nil, nil
	return inJSON(head)
}

// DecodePlan puts a plan together again from what EncodePlan gave and what a store kept
// beside it. It refuses a plan that was changed since, and with a *NewerError one that a
// newer version wrote.
func DecodePlan(text []byte, digest string, instances []PlanInstance, tenants []Tenant) (*Plan, error) {
	p := &Plan{}
	unknown, err := decodeKnown(text, p)
	if newer := RefuseNewer("the plan of "+p.Rollout, p.Format, PlanFormat); newer != nil {
		return nil, newer
	}
	switch {
	case err != nil && p.Rollout == "":
		return nil, fmt.Errorf("the plan is not one: %w", err)
	case digest != digestOf(text, instances, tenants):
		return nil, changedPlan(p.Rollout, digest)
	case err != nil:
		return nil, fmt.Errorf("the plan of %s is not one: %w", p.Rollout, err)
	case unknown != "":
		return nil, &NewerError{fmt.Sprintf("the plan of %s has a field %s that this version does not know", p.Rollout, unknown)}
	}
	p.Digest, p.Instances, p.Tenants = digest, instances, tenants
	return p, nil
}

// CheckPlan is the check of plans that were written down as a whole, by versions up to
// format 2: p as it was read, written anew, has its digest. So fields that plans got since
// are left out where they are empty.
func CheckPlan(p *Plan) error {
	if err := RefuseNewer("the plan of "+p.Rollout, p.Format, PlanFormat); err != nil {
		return err
	}
	if p.Digest != p.digest() {
		return changedPlan(p.Rollout, p.Digest)
	}
	return nil
}

func changedPlan(rollout, digest string) error {
	return fmt.Errorf("the plan of %s does not match its digest %.12s: it was changed after it was compiled", rollout, digest)
}

// digestOf is the digest of a plan that is written down. Targets are hashed in binary: a plan for
// a million tenants is hashed in some forty milliseconds.
func digestOf(written []byte, instances []PlanInstance, tenants []Tenant) string {
	h := sha256.New()
	_, _ = h.Write(written) // a hash never fails
	buffer := appendNumber(make([]byte, 0, 1<<14), uint64(len(instances)))
	for i := range instances {
		buffer = appendInstance(buffer, &instances[i])
		_, _ = h.Write(buffer)
		buffer = buffer[:0]
	}
	_, _ = h.Write(buffer)
	if len(tenants) >= meanwhile.Few {
		tenants = hashPieces(h, tenants, 1<<11)
	}
	for part := range slices.Chunk(tenants, abreast) {
		_, _ = h.Write(appendTenants(buffer[:0], part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashPieces hashes pieces of so many tenants, each while the next one is written, and says which
// are left.
func hashPieces(h hash.Hash, tenants []Tenant, piece int) []Tenant {
	hashed := func() bool { return true }
	var buffer, other []byte
	for ; len(tenants) >= piece; tenants = tenants[piece:] {
		full := appendTenants(buffer, tenants[:piece])
		hashed()
		hashed = meanwhile.Do(func() bool { _, err := h.Write(full); return err == nil })
		buffer, other = other[:0], full
	}
	hashed()
	return tenants
}

func appendNumber(b []byte, n uint64) []byte { return binary.LittleEndian.AppendUint64(b, n) }

func appendText(b []byte, s string) []byte { return append(appendNumber(b, uint64(len(s))), s...) }

func appendInstance(b []byte, i *PlanInstance) []byte {
	b = appendNumber(appendText(appendText(b, i.ID), i.Default), uint64(len(i.Installed)))
	for _, v := range i.Installed {
		b = appendText(b, v)
	}
	if i.Ready {
		b = appendNumber(b, 1)
	}
	return b
}

func appendTenants(b []byte, tenants []Tenant) []byte {
	for part := range slices.Chunk(tenants, abreast) {
		Touch(part)
		for i := range part {
			t := &part[i]
			b = appendNumber(appendText(appendText(b, t.ID), t.Pin), math.Float64bits(t.Weight))
			b = appendNumber(appendNumber(b, uint64(t.PriorRequests)), uint64(t.PriorErrors))
		}
	}
	return b
}

// inJSON is v, which is made of plain values and cannot fail to encode.
func inJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("engine: " + err.Error())
	}
	return b
}
