package engine

import (
	"cmp"
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
)

// checkTenants checks what tenants did, of whom there may be very many, and drops their means that
// are not numbers.
func checkTenants(list []TenantCount) error {
	if len(list) == 0 {
		return nil
	}
	wrong := make([]error, 2) // of each half
	meanwhile.Halves(len(list), func(from, to int) {
		for i := from; i < to; i++ {
			if err := list[i].check(); err != nil {
				wrong[min(from, 1)] = fmt.Errorf("per_tenant[%d].%w", i, err)
				return
			}
			list[i].sane()
		}
	})
	return cmp.Or(wrong...)
}

// plausible is that of a measurement.
func (t *TenantCount) plausible() bool {
	return t.Requests|(mostRequests-t.Requests)|t.Errors|(t.Requests-t.Errors)|t.Timeouts|(t.Requests-t.Timeouts)|(t.Requests-t.Errors-t.Timeouts)|
		t.Conversions|(t.Requests-t.Conversions)|t.Slower|(t.Requests-t.Slower)|
		t.Latency.Count|(mostRequests-t.Latency.Count)|t.Satisfaction.Count|(mostRequests-t.Satisfaction.Count) >= 0
}

// tenantNames are the counts of a tenant that TenantCount.counts has.
var tenantNames = [...]string{"requests", "errors", "timeouts", "conversions", "slower", "latency.count", "satisfaction.count"}

func (t *TenantCount) counts() [len(tenantNames)]count {
	return [len(tenantNames)]count{
		{t.Requests, mostRequests},
		{t.Errors, t.Requests},
		{t.Timeouts, t.Requests - t.Errors},
		{t.Conversions, t.Requests},
		{t.Slower, t.Requests},
		{t.Latency.Count, mostRequests},
		{t.Satisfaction.Count, mostRequests},
	}
}

// check says what in a tenant's counts cannot be.
func (t *TenantCount) check() error {
	if !t.plausible() {
		for i, c := range t.counts() {
			if c.wrong() {
				return fmt.Errorf("%s: %d is not in 0..%d", tenantNames[i], c.n, c.most)
			}
		}
	}
	return checkName(t.Tenant)
}

// sane is that of a measurement.
func (t *TenantCount) sane() {
	if !finite(t.Latency.Sum) {
		t.Latency = Mean{}
	}
	if !finite(t.Satisfaction.Sum) {
		t.Satisfaction = Mean{}
	}
}
