// Package retold says plans and journals in the words of the API of a rollout server, so that
// whoever shows a rollout shows the same of it, whether a server told it or a journal.
package retold
