package file

import "github.com/hotswap-io/terraform-provider-hotswap/internal/engine"

// What tests of the package's users' side need from its inside.
var PackTenants = pack

// Record is one line of a file.
func Record(v any) []byte {
	line, err := record(v)
	if err != nil {
		panic(err)
	}
	return line
}

// Parse reads the bytes of a journal that has its tenants in it.
func Parse(data []byte) (*engine.Plan, []engine.Event, error) {
	c, _, err := parse(data, func(string) ([]engine.Tenant, error) { return nil, engine.ErrNoJournal })
	return c.plan, c.events, err
}

func UnpackTenants(list, order, prior []byte) ([]engine.Tenant, error) {
	tenants, err := unpackList(list)
	if err != nil {
		return nil, err
	}
	return (&listed{Order: order, Prior: prior}).unpack(tenants)
}
