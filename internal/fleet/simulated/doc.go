// Package simulated has a simulated fleet live in real time, for a server to answer for
// it: a [Place] is a world of the simulator whose clock follows the machine's, kept in a
// folder with its journals.
//
// # Time
//
// Two times meet here. The contract's is real: all that a client says and is told is in
// it, and a client waits in it. The world's runs scale times as fast: a second of the
// contract is scale seconds in which instances install, start, take traffic and fail. So
// a policy of ten minutes is tried with ten seconds at a scale of 60. What is a length of
// a client's time is turned from one into the other, all in times.go; counts and
// latencies are what they are.
//
// # What outlives the process
//
// A world is a function of what it was when it was saved, of the orders since, and of
// time. It is saved with each order, before the order is answered, and with the beginning
// of each rollout. So a process that is killed loses nothing that it answered: the next
// one lets the same happen again, and meanwhile the fleet lived on.
package simulated
