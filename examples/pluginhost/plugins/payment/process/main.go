// Command process is the payment plugin as a program of its own.
package main

import (
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin/process"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugins/payment"
)

func main() {
	process.Serve(func(seed uint64) process.Work { return payment.New(seed) })
}
