// Package scenario is a rollout as a file: a fleet, its traffic, the versions and
// how they behave, the deployment in the words of the Terraform resource, what goes
// wrong, who speaks when, and what is expected to come of it.
//
// [Parse] reads one and says everything that is wrong with it at once, each with
// its line and column. [Run] plays one in memory, under the watch of the engine's
// promises, and says how it went. A scenario and a seed always give the same run,
// which [Result.Trace] identifies.
//
// The words of a file come from the Go types: a setting that the simulator or the
// engine gains can be written in a scenario at once, and is in the JSON schema as
// soon as that is made again.
package scenario
