// Package agentv1 holds the v1 operator API of the agent: calls, responses and the records of container input and output.
// Names and numbers are Mesos's; the Go code is generated (make generate).
package agentv1
