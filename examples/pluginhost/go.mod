module github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost

go 1.26.0

require github.com/hotswap-io/terraform-provider-hotswap v0.0.0

require (
	github.com/goccy/go-yaml v1.19.2 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
)

replace github.com/hotswap-io/terraform-provider-hotswap => ../..
