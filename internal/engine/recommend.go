package engine

import "fmt"

// Situation is what the decision tree asks.
type Situation struct {
	ZeroDowntime    bool // is zero downtime with instant rollback needed?
	CompareVersions bool // are versions to be compared?
	Environment     Environment
	Instances       int  // at least 0
	GradualTenants  bool // are tenants to be moved step by step?
}

// Advice is its answer.
type Advice struct {
	Strategy Strategy
	Reason   string
}

// fewInstances is up to how many the tree calls few.
const fewInstances = 10

// Recommend walks the decision tree. Where the tree leaves Direct or Canary open,
// few instances in Production, it says Canary: all at once is not for Production.
func Recommend(q Situation) Advice {
	switch {
	case q.ZeroDowntime:
		return Advice{BlueGreen, "zero downtime with instant rollback needs a second environment to switch to"}
	case q.CompareVersions:
		return Advice{ABTesting, "comparing versions needs both side by side, each with its own tenants"}
	case q.Environment != Production:
		return Advice{Direct, fmt.Sprintf("in %s fast iteration counts more than a gradual rollout", q.Environment)}
	case q.Instances <= fewInstances:
		return Advice{Canary, fmt.Sprintf("%d instances are few (at most %d), but in Production not everybody at once", q.Instances, fewInstances)}
	case q.GradualTenants:
		return Advice{Canary, "tenants are to be moved step by step, each step watched"}
	default:
		return Advice{Rolling, fmt.Sprintf("%d instances, and tenants need no steps of their own: instance by instance", q.Instances)}
	}
}
