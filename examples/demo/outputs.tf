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

output "timeline" {
  description = "What happened in the rollout that began last."
  value       = join("\n", data.hotswap_rollout.latest.timeline)
}

output "exposed" {
  description = "Whom the new version reached, and for how long."
  value = format("%s reached %d tenants on %d instances (%.0f %% of the traffic) at most, for %s in all.",
    data.hotswap_rollout.latest.candidate,
    data.hotswap_rollout.latest.most_exposed.tenants,
    data.hotswap_rollout.latest.most_exposed.instances,
    data.hotswap_rollout.latest.most_exposed.share,
    data.hotswap_rollout.latest.exposed_for,
  )
}

output "reason" {
  description = "Why the rollout ended as it did, where there is something to say."
  value       = coalesce(data.hotswap_rollout.latest.reason, "It went as planned.")
}
