package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	_ "github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// factories serve the provider inside the test's own process.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"hotswap": providerserver.NewProtocol6WithError(New("test")()),
}
