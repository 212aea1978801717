package enginetest

// CapabilityTable is what becomes of every strategy, with its defaults, without every
// capability: refused, walked with a warning, or walked as ever.
//
//nolint:dupword // cells of a row are alike
const CapabilityTable = `
                Direct     Canary     BlueGreen  Rolling    ABTesting
journal         refused    refused    refused    refused    refused
traffic         refused    refused    refused    refused    refused
side_by_side    .          warned     .          .          refused
tenants         .          warned     .          .          refused
slots           .          .          refused    .          .
routes          .          .          .          .          .
smoke_tests     .          .          warned     .          .
latency         warned     warned     warned     warned     warned
timeouts        warned     warned     warned     warned     warned
conversions     .          .          .          .          warned
satisfaction    .          .          .          .          .
execution_time  .          .          .          .          .
cpu             .          .          .          .          .
memory          .          .          .          .          .
tenants_seen    warned     warned     warned     warned     warned
by_tenant       .          .          .          .          refused
history         .          warned     .          .          .
probes          warned     warned     warned     warned     warned
deaths          warned     warned     warned     warned     warned
`
