// Package demo puts the whole of it on one machine: the plugin host with its manager, router
// and instances, a Prometheus that scrapes them, a rollout server, clients that send requests,
// and a page on which all of that is seen, and can be broken.
//
// Nothing in it is simulated. What the simulator is asked for is a prediction, which stands
// beside what is then measured.
package demo
