module github.com/hotswap-io/terraform-provider-hotswap/tools/condense

go 1.26
