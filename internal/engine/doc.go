// Package engine rolls a plugin version out over a fleet.
//
// A rollout is a plan, walked forwards or backwards one stage at a time by a
// machine that remembers every step it took.
//
//   - [Compile] turns a [Spec] and a [Snapshot] of the fleet into a [Plan]: a list
//     of stages, each with its changes and with the undo that reverses them.
//   - One machine walks any plan: [State.Next] says what to do now, [State.Apply]
//     folds an event into the state. Both are pure.
//   - A [Journal] keeps the events. Resuming is reading it, folding, going on.
//     [Journals] is a port: [MemoryJournals] fill it here, and what knows of files or of
//     a network fills it elsewhere. What every store has to hold to is in functions that
//     it calls ([RefuseUnfinished], [RefuseOutOfTurn], [EncodePlan], [DecodePlan],
//     [DecodeEvent]), and enginetest.Journals shows that it does.
//   - A [Fleet] carries changes out and says how it is; a [Meter] counts its traffic. Either
//     may be away while the other is well. What a fleet cannot do ([Capabilities]) is an input
//     of Compile: refused, left out with a warning, or done in another way. What comes in
//     through the ports is checked in one place, check.go and check_answers.go.
//   - One runner walks a rollout. People may speak through any other at the same time:
//     it takes their signals over when it looks next. A second one that walks is a
//     conflict, and the first to notice stops.
//   - A [Runner] does the I/O: [Runner.Advance] does all that can be done now and
//     says when to call it again.
//
// The package never sleeps, starts no goroutine, reads no clock and draws no
// random number: time and order are values that its callers pass in. What of very many
// tenants takes long is worked out beside what follows (package meanwhile), and is the same
// whenever it is done.
//
// # Promises
//
//  1. The journal says a stage began before the fleet hears of it.
//  2. A rollback undoes every stage that began, in reverse, and nothing else.
//  3. After rolled_back or retained, every instance, tenant and route is as the
//     snapshot had it.
//  4. Exposure (tenants, instances, share of traffic on the candidate) never
//     exceeds what the plan shows for the stage. Instances that join meanwhile, or
//     are coming up when it is made, are in no plan; those that joined on the candidate are brought back last.
//  5. No data is never good news: a gate with too few measurements never passes.
//  6. Every wait has a deadline, every retry a budget of time: every rollout ends, or says
//     it is stuck. Only a person may be waited for without limit (held, paused).
//  7. An event that is not allowed in a phase changes nothing and is refused
//     before it is written.
//  8. The same plan and the same events give the same state, byte for byte. The
//     same seed gives the same trace.
//  9. Rolling: the share of instances out of service never exceeds what
//     batch_size and max_parallel_batches allow, on the way forward and back.
//  10. Traffic is never routed to an environment or a version that is not ready
//     to take it, as far as its health probes tell.
//
// Each promise has a checker in the simulator that watches every event of every
// simulated rollout.
package engine
