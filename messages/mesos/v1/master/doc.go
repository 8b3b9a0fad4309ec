// Package masterv1 holds the v1 operator API of the master: calls, responses and the events of its stream.
// Names and numbers are Mesos's; the Go code is generated (make generate).
package masterv1
