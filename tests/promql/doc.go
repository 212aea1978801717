// Package promql holds the tests that put a simulated fleet's traffic through scrapes,
// staleness and the query engine of a Prometheus, in virtual time: what the judges promise
// has to hold on the other side, too. It is a module of its own, so that what the engine
// needs never reaches the provider.
package promql
