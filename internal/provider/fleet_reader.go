package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
)

// fleetReader is what data sources that read the fleet have in common.
type fleetReader struct{ conn *connection }

// Configure implements datasource.DataSourceWithConfigure.
func (r *fleetReader) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if conn, ok := req.ProviderData.(*connection); ok {
		r.conn = conn
		conn.needed(&resp.Diagnostics)
	}
}
