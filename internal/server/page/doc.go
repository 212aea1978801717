// Package page is the page of a rollout server: what people see of rollouts and fleets, and
// where they decide. It is plain files that ask the API beside it, and has no state.
package page
