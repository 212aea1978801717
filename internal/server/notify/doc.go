// Package notify tells others what happens to rollouts: receivers of webhooks, of CDEvents,
// and people in Slack. What is told lies in the store from the transaction on that wrote it,
// so that each message arrives at least once, under the same id at each attempt.
package notify
