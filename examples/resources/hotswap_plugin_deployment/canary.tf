resource "hotswap_plugin_deployment" "canary" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = "1.6.0"
  strategy    = "Canary" # the default in Production

  canary = {
    initial_percentage   = 10
    increment_percentage = 30 # 10, 40, 70, 100
    evaluation_period    = "PT10M"
    auto_rollback        = true # false: hold, for a person to decide

    thresholds = {
      max_error_rate     = 0.05
      max_latency_p99_ms = 500
      min_success_rate   = 0.95
    }
  }

  # Watch the new version all the time, not only at the end of a stage.
  rollback_triggers = {
    consecutive_health_failures = 3
    max_error_rate              = 0.05
    error_rate_window           = "5m"
    max_latency_p99_ratio       = 2
    latency_window              = "5m"
  }

  on_interrupt = "rollback" # nobody watches after an interrupted CI job
}
