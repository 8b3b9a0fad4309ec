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
//	partition a=10.0.0.1:* hangup
//	hangup    message=Call.ACCEPT count=1
//	crash     message=RunTaskMessage direction=in
//	crash     message=RunTaskMessage of=receiver after restart=5s
//
// A partition loses messages; the sessions of the network stay up, as with a peer that hears and says nothing. With
// hangup they end after [HangupTime], on both sides, as over a cut cable, and again whenever new ones were made. A hangup
// ends the session of one message, as a reset connection does.
//
// A crash ends the program that sees the message. With of= it is the sender or the receiver; a daemon can end only itself,
// so there the rule acts in the program that is meant, and simtest can end everyone, start them again after restart=, and
// take their disk. With after the message goes on first.
package fault
