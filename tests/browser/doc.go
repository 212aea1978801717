// Package browser looks at the page of a rollout server with a real browser, and has it decide.
// It is a module of its own, so that what drives the browser never reaches the provider.
package browser
