# environment, instances, zero_downtime, compare_versions, gradual_tenants
output "strategy" {
  value = provider::hotswap::recommend_strategy("Production", 40, false, false, true) # "Canary"
}
