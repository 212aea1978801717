# What `make demo` applies, first with release = "1.6.0", then with release = "1.7.0".

variable "release" {
  description = "The version of the plugin to roll out."
  type        = string
  default     = "1.6.0"
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = var.release
  strategy    = "Canary"
  canary = {
    stages            = [10, 30, 50, 100]
    evaluation_period = "10m"
  }
}

data "hotswap_rollout" "latest" {
  plugin_id   = hotswap_plugin_deployment.stripe.plugin_id
  environment = hotswap_plugin_deployment.stripe.environment
  depends_on  = [hotswap_plugin_deployment.stripe]
}

data "hotswap_fleet" "production" {
  plugin_id   = hotswap_plugin_deployment.stripe.plugin_id
  environment = hotswap_plugin_deployment.stripe.environment
  depends_on  = [hotswap_plugin_deployment.stripe]
}
