module github.com/hotswap-io/terraform-provider-hotswap

go 1.26.0
