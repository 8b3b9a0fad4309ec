// Package zookeeper tells in ZooKeeper who leads, to clients that only know
// ZooKeeper URLs, and finds out there who leads.
//
// A master that leads runs an [Announcer]; agents, drivers and tools given zk://
// watch a [Detector]. ZooKeeper elects nobody here: who leads is decided elsewhere
// (package consul, or there is one master), and the package never asks how.
//
//	node                          value
//	<path>/json.info_NNNNNNNNNN   MasterInfo as JSON, as long as the announcer's session lasts
//
// Clients take the node of the lowest number for the leader. So only the leader has
// one: it makes its own and then deletes those that earlier leaders of the same
// cluster left, which would last for their sessions' time. An entry in a node's access
// list, which no client looks at, says whose it is: some clients take any node below
// the path for a master's, so there can be none beside them. A node that is not of this
// cluster, of an Apache Mesos master say, is never touched: the announcer says so and
// waits until it is gone.
//
// # What is lost
//
//	leader killed            the next one deletes its node; without a next one it lasts for the session's time
//	leader deposed           it ends its session at once; a late announcement of its own is behind that of the new leader, which deletes it if it is not
//	ZooKeeper not reached    the node is gone after the session's time and comes back; the master leads on
//	answer of a create lost  the node is known by its session, so there are never two
//
// A detector keeps the leader that it knows while ZooKeeper cannot be reached.
package zookeeper
