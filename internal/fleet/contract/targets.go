package contract

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Target is a line of a list of targets: an instance or a tenant as the plan had it.
// Instances stand before tenants, each in the plan's order, which orders count in.
type Target struct {
	Instance      string   `json:"instance,omitempty"`
	Default       string   `json:"default,omitempty"`
	Installed     []string `json:"installed,omitempty"`
	Ready         bool     `json:"ready,omitempty"`
	Tenant        string   `json:"tenant,omitempty"`
	Weight        float64  `json:"weight,omitempty"`
	Pin           string   `json:"pin,omitempty"`
	PriorRequests int64    `json:"priorRequests,omitempty"`
	PriorErrors   int64    `json:"priorErrors,omitempty"`
}

// EncodeTargets writes a list of targets down, one in a line.
func EncodeTargets(t engine.Targets) []byte {
	var b bytes.Buffer
	b.Grow(80 * (len(t.Instances) + len(t.Tenants)))
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, i := range t.Instances {
		write(e, Target{Instance: i.ID, Default: i.Default, Installed: i.Installed, Ready: i.Ready})
	}
	for _, i := range t.Tenants {
		write(e, Target{Tenant: i.ID, Weight: i.Weight, Pin: i.Pin, PriorRequests: i.PriorRequests, PriorErrors: i.PriorErrors})
	}
	return b.Bytes()
}

// write writes a line. Weights are checked when a plan is compiled, and all else never
// fails.
func write(e *json.Encoder, t Target) {
	if err := e.Encode(t); err != nil {
		panic("contract: " + err.Error())
	}
}

// DigestOf is the name of a list of targets: the SHA-256 of its bytes, in hex.
func DigestOf(list []byte) string {
	sum := sha256.Sum256(list)
	return hex.EncodeToString(sum[:])
}

// DecodeTargets reads a list of targets of at most so many lines.
func DecodeTargets(list []byte, most int) (engine.Targets, error) {
	var t engine.Targets
	lines := bufio.NewReader(bytes.NewReader(list))
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if n > most {
				return t, fmt.Errorf("line %d: there are more than %d targets", n, most)
			}
			if err := add(&t, line); err != nil {
				return t, fmt.Errorf("line %d: %w", n, err)
			}
		}
		if errors.Is(err, io.EOF) {
			return t, nil
		}
	}
}

// add reads a line.
func add(t *engine.Targets, line []byte) error {
	var one Target
	if err := json.Unmarshal(line, &one); err != nil {
		return err
	}
	switch {
	case (one.Instance == "") == (one.Tenant == ""):
		return errors.New("is neither an instance nor a tenant, or both")
	case max(len(one.Instance), len(one.Tenant)) > MostNameSize:
		return fmt.Errorf("a name of %d bytes is longer than %d", max(len(one.Instance), len(one.Tenant)), MostNameSize)
	case one.Tenant != "":
		t.Tenants = append(t.Tenants, engine.Tenant{ID: one.Tenant, Weight: one.Weight, Pin: one.Pin, PriorRequests: one.PriorRequests, PriorErrors: one.PriorErrors})
	case len(t.Tenants) > 0:
		return fmt.Errorf("instance %q stands after a tenant", one.Instance)
	default:
		t.Instances = append(t.Instances, engine.PlanInstance{ID: one.Instance, Default: one.Default, Installed: one.Installed, Ready: one.Ready})
	}
	return nil
}
