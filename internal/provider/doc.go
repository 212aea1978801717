// Package provider speaks Terraform: it turns configuration into the engine's
// specs, shows the engine's plans, walks rollouts for apply and destroy, and says
// what became of them. Terraform's types never leave it.
//
// Its files, from the outside in:
//
//   - provider.go, provider_schema.go, simulated.go: the provider and its fleet
//   - waiting.go, walking.go, walked_there.go, controller_worlds.go, simulated_pace.go: whether
//     an apply waits, and who walks a rollout: an apply, a controller, or a simulated fleet's clock
//   - worlds.go: the port through which a resource reaches the fleet of its plugin
//   - deployment*.go: the resource hotswap_plugin_deployment, one file per operation
//     of Terraform's; settings*.go map its words to the engine's
//   - intent.go, apply.go, begin.go, walk.go, endings.go: what an apply has to do, how
//     it does it, how it begins and walks a rollout, and the ways in which that ends
//   - departure.go: what a destroy has to do, planned or carried out; successor.go: who
//     takes over what it leaves
//   - planning.go, turned_down.go, settings_change.go, drift.go, decision.go: what a plan
//     finds in the journals that an apply refuses, begins anew, takes back or does not follow
//   - summary.go, stages.go: the plan in words and in numbers
//   - sight.go, observe.go, store.go, private.go: what is seen of a fleet, and how it
//     becomes state
//   - next_steps.go, problems.go: what a person can do, after what package telling says
//   - fleet_*.go, rollout_*.go, simulation_*.go, recommend.go: data sources and the
//     function; scenario.go reads scenarios for the provider and for simulations
//
// # What apply promises
//
// A rollout that was rolled back fails the apply, and the state then says what the
// fleet really runs. What was rolled back because of the version is not tried again
// unless somebody asks for it. A replacement leaves the fleet alone. An interrupted apply returns within five seconds, keeps the
// journal, and the next apply goes on where it stopped. Plan and refresh never
// change anything, but that a refresh lets what was left to the clock of a simulated fleet catch up.
package provider
