// Package resourceprovider holds the record of the resource providers that an agent has admitted. The Go code is
// generated (make generate).
package resourceprovider
