// Command terraform-provider-hotswap serves the provider to Terraform. Terraform
// starts it; the only use of starting it by hand is -debug.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/provider"
)

// version is set when a release is built: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print how to attach, and stay")
	flag.Parse()
	if !*debug {
		// Terraform stops its providers itself, by a request, and then waits for what
		// they return. A SIGTERM that reaches the whole process group (a cancelled CI
		// job, a closed terminal) would kill this process before it has handed back the
		// state of a running rollout. SIGINT is ignored by the plugin library already.
		signal.Ignore(syscall.SIGTERM)
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/hotswap-io/hotswap",
		Debug:   *debug,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "terraform-provider-hotswap:", err)
		os.Exit(1)
	}
}
