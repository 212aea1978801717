module github.com/hotswap-io/terraform-provider-hotswap/tools/figures

go 1.26
