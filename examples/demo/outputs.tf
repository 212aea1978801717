# The rollout in words, for `make demo` to print.

output "plan" {
  description = "The stages, known before anything happens."
  value = join("\n", concat(
    [format("%-14s %8s %8s %10s %8s %11s", "stage", "traffic", "tenants", "instances", "watched", "done after")],
    [for s in hotswap_plugin_deployment.stripe.stages : format("%-14s %7.0f%% %8d %10d %8s %11s",
    s.name, s.share, s.targets.tenants, s.targets.instances, s.bake, s.earliest_end)],
  ))
}

output "fleet" {
  description = "What the fleet runs."
  value = join("\n", [for version, on in data.hotswap_fleet.production.versions :
    format("%-8s on %d instances, for %d tenants", version, on.instances, on.tenants)
  ])
}

output "active_version" {
  description = "The version that serves every tenant, or null while there is more than one."
  value       = one(keys(data.hotswap_fleet.production.versions))
}
