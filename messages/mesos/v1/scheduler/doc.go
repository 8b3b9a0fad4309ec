// Package schedulerv1 holds the v1 scheduler API: the calls that a framework sends to the master and the events that it receives.
// Names and numbers are Mesos's; the Go code is generated (make generate).
package schedulerv1
