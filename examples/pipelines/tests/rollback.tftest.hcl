run "a_good_version_is_rolled_out" {
  assert {
    condition     = output.outcome == "succeeded"
    error_message = "1.6.0 ended as ${output.outcome}"
  }
}

run "a_bad_version_is_rolled_back" {
  variables {
    release     = "1.7.0"
    on_rollback = "warn"
  }

  assert {
    condition     = output.outcome == "rolled_back"
    error_message = "1.7.0 ended as ${output.outcome}"
  }
}
