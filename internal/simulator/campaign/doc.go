// Package campaign plays a scenario thousands of times and says what comes of it:
// how often each outcome, with intervals, how long it takes, how many tenants and
// requests suffer, and how often the deployment's settings are wrong.
//
// Run i of a campaign has a seed of its own, which follows from the campaign's seed
// and i, and its result has a place of its own. So the figures are the same, byte for
// byte, however many runs are under way at once.
package campaign
