# Every eighth request to version 1.7.0 errs. The apply fails, says what it saw, whom it reached and for how long, and the
# fleet runs 1.5.0 as before.
terraform {
  required_providers {
    hotswap = {
      source = "hotswap-io/hotswap"
    }
  }
}

provider "hotswap" {
  simulated = {
    installed = { "payment-processor-stripe" = "1.5.0" }
    versions  = { "1.7.0" = { error_rate = 0.12 } }
  }
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = "1.7.0"

  canary = {
    stages            = [10, 50, 100]
    evaluation_period = "PT10M"
  }
}
