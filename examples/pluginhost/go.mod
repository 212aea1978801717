module github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost

go 1.26.0

require github.com/hotswap-io/terraform-provider-hotswap v0.0.0

replace github.com/hotswap-io/terraform-provider-hotswap => ../..
