resource "hotswap_plugin_deployment" "direct" {
  plugin_id   = "payment-processor-stripe"
  environment = "Development"
  version     = "1.6.0"
  strategy    = "Direct" # the default in Development

  direct = {
    validation_period    = "PT5S"
    health_check_timeout = "PT30S"
  }
}
