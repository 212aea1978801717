# Who met the new version in the last rollout: for the mail to those who were affected.
data "hotswap_exposure" "stripe" {
  environment = "Production"
  plugin_id   = "payment-processor-stripe"
}

output "affected" {
  value = [for t in data.hotswap_exposure.stripe.tenants : "${t.id}: ${t.errors} of ${t.requests} requests failed" if t.errors > 0]
}
