package provider

// servedStrategies are rollouts that take seconds on a fleet whose life is 60 times as fast.
var servedStrategies = map[string]string{
	"Direct":    "strategy = \"Direct\"\n direct = { validation_period = \"2s\" }",
	"Canary":    "strategy = \"Canary\"\n canary = { stages = [10, 100], evaluation_period = \"2s\" }",
	"BlueGreen": "strategy = \"BlueGreen\"\n blue_green = { warmup_period = \"1s\", monitoring_period = \"2s\" }",
	"Rolling":   "strategy = \"Rolling\"\n rolling = { batch_size = \"34%\", wait_between_batches = \"1s\" }",
	"ABTesting": "strategy = \"ABTesting\"\n ab_testing = { test_duration = \"6s\" }\n analysis = { margin = 0.5 }",
}

// goodThenBad rolls a good version out, a bad one back, and destroys.
func goodThenBad(tf *terraform, provider, settings string, abTest bool) {
	tf.t.Helper()
	set := func(version string) { tf.write("main.tf", provider+resourceBlock(version, settings)) }
	set("1.6.0")
	tf.says(tf.good(tf.run("plan", "-no-color")), "1.5.0 -> 1.6.0")
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "active_version": "1.6.0", "previous_version": "1.5.0"})
	tf.quiet()
	set("9.9.9")
	if abTest {
		tf.says(tf.good(tf.apply()), "The A/B test kept A: 1.6.0")
		tf.expect(map[string]any{"status": "retained", "version": "9.9.9", "active_version": "1.6.0"})
	} else {
		tf.bad(tf.apply(), "stripe 9.9.9 was rolled back", "error rate", "everything runs 1.6.0 as before")
		tf.expect(map[string]any{"status": "rolled_back", "version": "1.6.0", "active_version": "1.6.0"})
		set("1.6.0")
	}
	tf.quiet()
	tf.good(tf.destroy())
}
