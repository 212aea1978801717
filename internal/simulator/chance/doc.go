// Package chance draws the random numbers of a simulation: streams that follow from a
// seed, and the laws that are drawn from them. The same seed gives the same numbers on
// every machine: they are made of whole numbers, and of products that no compiler fuses
// with sums. A [Stream] is not safe for concurrent use; everything else is.
package chance
