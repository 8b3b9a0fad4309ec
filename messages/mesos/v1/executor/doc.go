// Package executorv1 holds the v1 executor API: the calls that an executor sends to its agent and the events that it receives.
// Names and numbers are Mesos's; the Go code is generated (make generate).
package executorv1
