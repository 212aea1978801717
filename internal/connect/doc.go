// Package connect is the one way in which the product reaches others over HTTP: a fleet, a
// Prometheus, a webhook. Who is asked may be slow, wrong, hostile or somebody else
// altogether, so everything has a bound (time, size, how much at once), credentials go to
// the configured host and nowhere else, and what came instead of an answer is told in
// words that have no secrets in them.
package connect
