# A version that errs twice as often as the one that runs, and still keeps to the cap of 5 %: what would this canary do?
data "hotswap_simulation" "regression" {
  simulated = {
    installed = { "payment-processor-stripe" = "1.5.0" }
    versions  = { "1.6.0" = { error_rate = 0.02 } } # 1.5.0 has the default, 0.01
  }

  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = "1.6.0"
  strategy    = "Canary"

  canary = {
    stages            = [10, 30, 50, 100]
    evaluation_period = "PT10M"
  }

  bad  = true # it should be rolled back, although no threshold says so
  runs = 500
}

output "missed" {
  description = "Share of the rollouts in which the regression got through, and its 95 % interval."
  value       = data.hotswap_simulation.regression.missed_regression
}

output "exposed" {
  description = "Tenants that met it in 99 of 100 rollouts, at most."
  value       = data.hotswap_simulation.regression.tenants_exposed.p99
}
