// Package observe shows a server of rollouts from outside: its counters for a Prometheus, and
// its traces for whoever speaks OTLP. It has no state of the process, so that several servers
// in one have each their own.
package observe
