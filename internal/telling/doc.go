// Package telling says what happened to a rollout, in words that a person acts on: why it
// was rolled back, what was measured, whom it exposed meanwhile, and why it waits.
//
// It knows the engine and no front end. What a person can do now depends on where they
// read it, so that whoever shows a text passes that part in: the texts call it next.
package telling
