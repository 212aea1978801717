# What the module promises. Run it with: terraform test

provider "hotswap" {
  simulated = {
    installed = { "payment-processor-stripe" = "1.5.0" }
    versions  = { "9.9.9" = { error_rate = 0.2 } }
  }
}

run "the_default_policy_holds" {
  command = plan

  assert {
    condition     = data.hotswap_simulation.policy["healthy"].promises_broken == 0
    error_message = "a promise of the engine was broken"
  }
  assert {
    condition     = data.hotswap_simulation.policy["healthy"].duration_seconds.p95 <= 45 * 60
    error_message = "a healthy version takes longer than 45 minutes"
  }
  assert {
    condition     = data.hotswap_simulation.policy["regression"].detected_seconds.p95 <= 10 * 60
    error_message = "a regression is not found within 10 minutes"
  }
}

run "half_of_the_tenants_at_once_is_too_many" {
  command = plan

  variables {
    stages = [50, 100]
  }

  expect_failures = [hotswap_plugin_deployment.this]
}

run "stages_too_short_to_judge_hold_every_good_version" {
  command = plan

  variables {
    evaluation_period = "PT5S"
  }

  expect_failures = [hotswap_plugin_deployment.this]
}

run "a_judge_that_only_knows_the_cap_misses_too_much" {
  command = plan

  variables {
    judge = "threshold"
  }

  expect_failures = [hotswap_plugin_deployment.this]
}

run "a_good_version_is_rolled_out" {
  assert {
    condition     = hotswap_plugin_deployment.this.status == "succeeded"
    error_message = "the rollout ended as ${hotswap_plugin_deployment.this.status}"
  }
}
