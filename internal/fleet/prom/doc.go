// Package prom measures a fleet by what a Prometheus, or whatever speaks its API, knows of
// it. It follows raw counters and never asks for rates: what counters that began, reset or
// vanished mean is worked out here, so that counts are whole numbers of things that
// happened, and no answer counts where it may be wrong.
package prom
