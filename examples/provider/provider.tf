terraform {
  required_providers {
    hotswap = {
      source = "hotswap-io/hotswap"
    }
  }
}

provider "hotswap" {
  simulated = {
    instances           = 10
    tenants             = 150
    requests_per_second = 150

    # What the fleet runs before the first apply.
    installed = {
      "payment-processor-stripe" = "1.5.0"
    }

    # How versions behave; one that is not listed behaves well.
    versions = {
      "1.6.0" = { latency_p50_ms = 38, conversion_rate = 0.034 }
      "1.7.0" = { error_rate = 0.12 }
    }
  }
}
