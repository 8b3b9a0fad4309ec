// Package discovery tells where tasks are: names and addresses of what runs on the cluster, kept by the master's event
// stream as it happens.
//
// [Watch] reads the stream and keeps a [Cluster]; that keeps a [Book]: a [Zone], say, whose names are those of mesos-dns, so that what
// looks tasks up there finds them here:
//
//	TASK.FRAMEWORK.mesos                  addresses of the task's container, or of its agent
//	TASK.FRAMEWORK.slave.mesos            addresses of its agent
//	TASK-HASH-SN.FRAMEWORK.mesos          the same of one task alone
//	_TASK._tcp.FRAMEWORK.mesos            SRV: where its ports are
//	_PORT._TASK._tcp.FRAMEWORK.mesos      SRV: a port that has a name in its DiscoveryInfo
//	leader.mesos, master.mesos, slave.mesos, FRAMEWORK.mesos; _leader._tcp.mesos, _slave._tcp.mesos,
//	_framework._tcp.FRAMEWORK.mesos
//
// [Watch] keeps any [Book]: [Names] makes one of a Zone. Subpackage dns answers queries for a Zone, [API] answers them over HTTP; subpackage
// services keeps a catalog of services. This package never talks to agents, changes nothing
// on the cluster, and writes nothing to a disk: who starts it again has the same answers as soon as a master leads.
package discovery
