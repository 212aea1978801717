# Version 1.6.0 reaches 10, 30, 50 and then all tenants, ten minutes each. Whatever does harm on the way is rolled back.
resource "hotswap_plugin_deployment" "stripe" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = "1.6.0"
}

output "active_version" {
  value = hotswap_plugin_deployment.stripe.active_version
}
