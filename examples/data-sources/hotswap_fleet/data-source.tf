data "hotswap_fleet" "stripe" {
  environment = "Production"
  plugin_id   = "payment-processor-stripe"
}

# { "1.5.0" = { instances = 10, tenants = 150 } }
output "versions" {
  value = data.hotswap_fleet.stripe.versions
}
