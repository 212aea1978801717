resource "hotswap_plugin_deployment" "rolling" {
  plugin_id   = "payment-processor-stripe"
  environment = "Staging"
  version     = "1.6.0"
  strategy    = "Rolling" # the default in QA and Staging

  rolling = {
    batch_size           = "25%" # or a number of instances: "3"
    wait_between_batches = "PT2M"
    health_check_timeout = "PT30S"
    max_parallel_batches = 1
  }
}
