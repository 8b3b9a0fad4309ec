// Package actors is the runtime: actors that own their state, run one function at a time and talk by protobuf messages
// that are sent and forgotten. It takes libprocess's ideas (UPID, install, send, dispatch, delay, link) to Go.
//
// It owns the life of actors (System, Process), their mailboxes, the way from an UPID to a mailbox, and links. It is
// called by every actor package and by the daemons. It never interprets a message, never touches disks, and never looks
// at the clock except for Delay. How bytes get to another program is a Network's business: link.Transport over TCP or
// TLS, with libprocess.Network before it for old drivers (ListenTCP makes both), memnet.Node inside a test.
//
// # What holds
//
//   - Everything of an actor (Init, handlers, dispatched and delayed functions, OnExited, OnStop) runs one after the
//     other, never two at a time. So an actor's state needs no lock.
//   - Messages of one sender to one receiver arrive in the order of sending, each at most once. A message to another
//     program is lost only if the session with that program ends; whoever linked to it is then told, once.
//   - A message is never shared between two actors: local sends are cloned, remote ones decoded anew.
//   - Send never blocks and never fails; a message for nobody is a dead letter, counted in Stats.
//   - A panic in an actor ends the program, with its stack: half-changed state must not go on.
//
// An actor must not block: no waiting for another actor (Call is for goroutines outside), no I/O. Slow work goes to a
// goroutine that answers by Dispatch.
//
// # Links
//
// Link(to) asks to be told when the session with the program at to.Addr ends. OnExited is then called once with that
// address, also if the program could not be reached at all; after that the link is used up and Link must be called
// again. Linking twice before is the same as once. A link to an actor of the same System does nothing: they end together.
//
// # On protoactor-go
//
// This is the only package that imports protoactor-go, and only its actor part: the actor's context, life cycle and
// dispatcher. The mailbox is our own behind its Mailbox interface (it hands over messages without garbage and lets a
// panic through instead of restarting the actor with its state lost), and messages go from System to mailbox without a
// PID. One protoactor ActorSystem serves all Systems of a program, because an empty one costs 2.8 MB.
package actors
