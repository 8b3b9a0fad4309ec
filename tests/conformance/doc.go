// Package conformance sends every call of the scheduler, executor and operator APIs, and a request to every endpoint, to a
// live cluster: as JSON and as protobuf, good and bad. Each case is a row of a table in Mesos's own notation; what the
// tables lack of the protocol's calls and events fails the suite. It prints what held as a matrix.
package conformance
