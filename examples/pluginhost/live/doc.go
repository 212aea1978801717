// Package live plays rollouts on the plugin host as it is, with processes, requests, a Prometheus
// and a rollout server that are real, and holds what clients saw against what the simulator says
// of the same rollout. Its tests have terraform begin them, and kill whatever takes part.
package live
