// Package store keeps what marathon must not forget: definitions with their
// versions, groups, deployments on their way, instances, and its framework id.
//
// It uses the stores of package registry: Consul and memory as they are, and a
// bbolt file of its own kind; a [registry.Writer] writes beside the actor. It
// never reads what the rows mean.
//
//	table        key              value (JSON)
//	specs        id version       one version of an app or pod
//	current      id               the version that is wanted
//	groups       id               dependencies and version of a group
//	deployments  id               a deployment that is not over
//	instances    id               an instance that is not over, before it is launched
//	framework    "id"             the framework id
//
// A row of a deployment holds the versions that it leads to and is written with
// theirs; a write that a store cuts apart keeps the order versions, deployment,
// current, so each beginning of it can be gone on from.
package store
