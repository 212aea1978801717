// Package arrows holds the tests that keep the shape of this repository: which package may import which, and which
// file may do the few things that only one file may do (know the wall clock, start a goroutine).
//
// Every rule carries the reason it is there, and every rule is shown to bite on a planted violation. To change the
// shape, change the table in rules_test.go, and its reason with it.
package arrows
