// Package services keeps a catalog of services, Consul's, in step with the tasks that run, so that load balancers which know
// such a catalog find them: haproxy and nginx by consul-template, traefik, and whoever asks Consul's DNS.
//
// A [Wanted] is a discovery.Book: discovery.Watch fills it, [Entries] says what a task becomes. A [Registrar] waits until it is
// the one of several that writes, reads what stands in the catalog, and writes what differs; after that only what changes. When a write
// fails it begins anew by reading. Both ends may go away: without a master, and for agents that a new master still waits for, entries
// stay as they are; without a registrar they stay, too, until the next one looks after them. It never talks to agents, and touches no entry
// that is not its own.
//
// # What a task becomes
//
// Each port of a running task is an entry. The first one has the name of the task's DiscoveryInfo, or the task's own, in the form
// that names in DNS have ("/prod/web" of marathon is "web-prod"), or what its label overrideTaskName says. Further ports have names of
// their own: that with the port's name behind it, as in "web-admin", or its number in the task ("web-1"). Tags are the framework's
// name, the port's, those of the label tags (with commas between), and labels of the task and of the port that begin with "traefik.",
// as KEY=VALUE. All other labels are metadata, as far as Consul takes them.
//
// An entry is healthy if the task has no health check of Mesos, or its last result was good. From when a task is being killed on it is no
// entry any more: with the label MESOS_DRAIN_PERIOD it still serves for a while then (see package executor/command).
package services
