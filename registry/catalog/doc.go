// Package catalog says what a catalog of services is: who runs where, and whether it is healthy, so that load balancers find it.
//
// Package consul keeps one in Consul; [Memory] is the model for tests. Package actors/discovery/services decides what stands in it. A
// [Catalog] belongs to one writer at a time, knows its own entries from those of others, and never touches those of others.
package catalog
