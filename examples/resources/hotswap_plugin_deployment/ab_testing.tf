resource "hotswap_plugin_deployment" "ab_testing" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = "1.6.0" # variant B; variant A is what runs
  strategy    = "ABTesting"

  ab_testing = {
    variant_a        = "1.5.0"
    traffic_split    = { a = 50, b = 50 }
    test_duration    = "PT24H"
    decision_metrics = ["latency", "errorRate", "conversionRate"]
    winner_threshold = 0.05
    auto_promote     = true
  }
}
