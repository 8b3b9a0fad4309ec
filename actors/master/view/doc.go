// Package view is what readers see of a master: an immutable picture of the
// cluster and its forms on the wire.
//
// The master makes a [Cluster] on its actor, sharing whatever has not changed
// since the last one; everything after that happens here, on the goroutines of
// the readers: sums, sorting, the JSON of the unversioned endpoints, and the
// messages of the operator API. Nothing here talks to the actor or changes what
// it was given.
package view
