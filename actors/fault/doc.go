// Package fault breaks the flow of messages on purpose: rules drop, delay, double, hold back and damage messages, part
// programs, or crash one at a chosen message; expectations wait for messages in tests; a timeline tells what passed and
// what was done to it.
//
// [Faults] holds rules and is put between actors and their messages by
//
//	sys.SetFilter(faults.Filter)
//
// so it works the same over every network: in-process, actor links, libprocess. Tests and simtest use it, and daemons
// whose --fault_rules flag was given, which offer [Faults.ServeHTTP] to `mesos fault`. It never opens files and decides
// nothing by itself: without rules all passes. Time and chance are given to it, so simulated runs repeat exactly.
//
// A rule as text is an action and what it applies to; see [Parse]:
//
//	drop      message=StatusUpdateMessage to=master@* count=2
//	delay 3s  message=Call.ACCEPT probability=0.5
//	duplicate message=mesos.internal.* from=slave(1)@10.0.0.7:*
//	hold      message=Event.OFFERS skip=1 count=1
//	partition a=10.0.0.1:* b=10.0.0.2:*,10.0.0.3:*
//	crash     message=RunTaskMessage direction=in
//
// A partition loses messages; the sessions of the network stay up, as with a peer that hears and says nothing. Cutting
// the network itself is memnet's business in tests, and the firewall's outside.
package fault
