// Package resourceproviderv1 holds the v1 resource provider API: calls to the agent and events from it.
// Names and numbers are Mesos's; the Go code is generated (make generate).
package resourceproviderv1
