// Package localprovider runs resource providers in the agent's program, as the
// files of --resource_provider_config_dir say: one mesos.ResourceProviderInfo in
// JSON each.
//
// It owns those files: the agent's calls ADD_, UPDATE_ and
// REMOVE_RESOURCE_PROVIDER_CONFIG end in a [Daemon], which keeps the file before
// it starts, restarts or ends the provider. A provider speaks with the agent
// like one over HTTP, by the calls and events of mesos.v1.resource_provider; see
// [agent.ProviderLink]. The types of providers are a table ([Types]).
//
// The one type so far is a pool of directories ([DirectoryType]): space on a
// file system, of which frameworks make disks by CREATE_DISK. A pool decides in
// pure code (pool.go), writes down what it decided before and after it touches
// the disk, and takes up operations that a crash interrupted. It never says how
// much a disk may be filled: that is for an isolator.
//
// Plugins of the Container Storage Interface are not supported.
package localprovider
