# The rollout that began last. Its timeline is the story of the rollout, line by line.
data "hotswap_rollout" "stripe" {
  environment = "Production"
  plugin_id   = "payment-processor-stripe"
}

output "phase" {
  value = data.hotswap_rollout.stripe.phase
}

output "timeline" {
  value = data.hotswap_rollout.stripe.timeline
}
