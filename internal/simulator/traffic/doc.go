// Package traffic is a model of the traffic of a fleet: the requests that its tenants
// send, and what came of them.
//
// A [Flow] is the traffic of one fleet. It knows nothing of instances, changes or faults:
// the fleet tells it which classes of service there are, and which of them each tenant
// gets from when on ([Flow.Serve], [Flow.Route]), and it asks the fleet the little that a
// [Fleet] says. It can be made again at any time from its [Config] and its [Routing],
// which is all of it that a fleet saves.
//
// Requests are counted, never made one by one. All requests of a window of one to ten
// seconds are one Poisson count, dealt to the classes by their tenants' weights; errors
// and timeouts are binomial parts of that. What else came of them is drawn when somebody
// asks, and is the same for ever: how many were slower than a bound, from a binary tree
// over their latencies, and which tenants sent them and had the errors. So the cost of a
// run grows with its windows and classes, and with tenants only where they are asked for.
// [Flow.DrawEachRequest] draws request by request, by the same laws, for comparison.
//
// A sample is there when its window has ended: a measurement of [from, to) has the
// windows that end after from and not after to.
package traffic
