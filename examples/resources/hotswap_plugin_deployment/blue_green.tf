resource "hotswap_plugin_deployment" "blue_green" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = "1.6.0"
  strategy    = "BlueGreen"

  blue_green = {
    warmup_period             = "PT2M"
    switchover_type           = "Gradual"
    switchover_period         = "PT5M"
    monitoring_period         = "PT5M"
    keep_previous_environment = true
    smoke_tests               = ["health", "checkout"]
  }
}
