// Package engine speaks to a Docker engine over its HTTP API, on the engine's
// unix socket.
//
// It knows the few calls that a containerizer and an executor need, and of each
// the fields that they read or set; it keeps nothing but connections, and never
// decides what is to run. Package docker and the program mesos-docker-executor
// call it.
//
// It is our own because of the weight: the engine's Go client brings twenty
// modules, among them a newer OpenTelemetry than protoactor-go builds with, for
// what are a dozen requests of net/http here. The version of the API is the newest
// that the engine says it has; nothing used here has changed since 1.24.
package engine
