package provider

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// A replacement (a tainted resource, -replace, replace_triggered_by) is a destroy and
// a create of the same deployment, and the fleet needs neither: it runs what it is to
// run. Terraform does not tell a destroy why it happens. But of a replacement it plans
// the create only, and what that plan keeps beside the state is what the destroy is
// given. So the plan of a create leaves its name there, and the destroy that finds it
// hands the fleet over as it is.
//
// Where a resource is renamed or gets another key without a moved block, destroy and
// create are resources of their own, and neither sees what the other keeps. They are
// planned in one process, though: see [planned].
const successorKey = "successor"

// successor is who takes a deployment over.
type successor struct {
	Target string `json:"target"`           // ENVIRONMENT/PLUGIN
	Digest string `json:"digest,omitempty"` // of what it asks for; "": not known when it was planned
}

// announce leaves the name of a create for the destroy that comes before it.
func announce(ctx context.Context, k keeper, next successor) (diags diag.Diagnostics) {
	data, err := json.Marshal(next)
	if err != nil {
		diags.AddError("Cannot remember the replacement", err.Error())
		return diags
	}
	return k.SetKey(ctx, successorKey, data)
}

// announced is who was planned to take target over; nil: nobody.
func announced(ctx context.Context, t teller, target string) (*successor, diag.Diagnostics) {
	data, diags := t.GetKey(ctx, successorKey)
	if diags.HasError() || len(data) == 0 {
		return nil, diags
	}
	var next successor
	if err := json.Unmarshal(data, &next); err != nil {
		diags.AddError("Cannot read what is remembered of the replacement", err.Error())
		return nil, diags
	}
	if next.Target != target {
		return nil, diags
	}
	return &next, diags
}

// planned remembers what this process planned and did not apply yet.
type planned struct {
	mu       sync.Mutex
	creates  map[string]successor // by ENVIRONMENT/PLUGIN
	destroys map[string]bool
	tried    map[string]bool // creates that were carried out
	handed   map[string]bool // destroys that left the fleet to a create
}

func (p *planned) create(next successor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.creates == nil {
		p.creates = map[string]successor{}
	}
	p.creates[next.Target] = next
}

// created notes that a create was carried out.
func (p *planned) created(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.creates, target)
	if p.tried == nil {
		p.tried = map[string]bool{}
	}
	p.tried[target] = true
}

// successor is the create that is still to come; nil: none that this process knows of.
func (p *planned) successor(target string) *successor {
	p.mu.Lock()
	defer p.mu.Unlock()
	if next, ok := p.creates[target]; ok {
		return &next
	}
	return nil
}

func (p *planned) destroy(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.destroys == nil {
		p.destroys = map[string]bool{}
	}
	p.destroys[target] = true
}

// destroyed says whether a destroy of target was planned.
func (p *planned) destroyed(target string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.destroys[target]
}

func (p *planned) handOver(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handed == nil {
		p.handed = map[string]bool{}
	}
	p.handed[target] = true
}

// handedOver says whether this process destroyed a resource of target and left the
// fleet to the create that follows.
func (p *planned) handedOver(target string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.handed[target]
}

// attempted says whether this process carried a create of target out, whatever
// became of it.
func (p *planned) attempted(target string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tried[target]
}
