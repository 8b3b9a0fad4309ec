// Package registry keeps what must survive a master: which agents are admitted,
// unreachable or gone, machines and their maintenance, quota, weights, minimum
// capabilities, and until when frameworks that are away may come back.
//
// The master calls it. A [Registrar] owns the one [State]. It carries out
// operations, each a pure function from the state to the rows that change, in
// the order in which they came; those that came while the last write ran go to
// the store as one write, and each is answered when that is durable. What
// changes nothing writes nothing.
//
// A [Store] keeps rows. [Bolt] is a file of the work directory, [Memory] is for
// tests, on a [Disk] that outlives a crash of the master; storetest holds the
// suite that every store passes. A store whose guard is lost, because another
// master leads, writes nothing any more and says [ErrDeposed]; the registrar
// then ends, and so must its master.
//
// The package never decides who leads, when an agent is given up, or what a
// quota means. It reads no clock but to measure its writes: operations are given
// the time.
//
// # Rows
//
//	table         key            value (Registry.… of internalpb, unless said otherwise)
//	agents        agent id       Slave: AgentInfo, drain info, deactivated
//	unreachable   agent id       UnreachableSlave: since when, drain info, deactivated
//	gone          agent id       GoneSlave: since when
//	machines      hostname, ip   Machine: mode, unavailability
//	schedule      "schedule"     maintenance.Schedule
//	quota         role           quota.QuotaConfig
//	weights       role           Weight
//	capabilities  name           MinimumCapability
//	frameworks    framework id   linkpb.RegistryFramework: failover deadline, or since when it is removed
//
// An agent is in one of agents, unreachable and gone at most, and never leaves
// gone but by age.
package registry
