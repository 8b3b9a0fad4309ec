// Package allocatorv1 holds how a framework answered an inverse offer, as the allocator and operators are told.
// Names and numbers are Mesos's; the Go code is generated (make generate).
package allocatorv1
