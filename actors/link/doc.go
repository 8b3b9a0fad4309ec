// Package link carries protobuf messages between programs: sessions over TCP or TLS, identified on both sides by the
// program's advertised address and the incarnation of its session.
//
// It owns sockets, framing, queues, heartbeats and reconnection (Transport), and a small runtime for programs that are a
// single actor (Loop). package actors puts its Systems on a Transport; actors/executor, and so mesos-executor, uses a
// Transport and a Loop directly and must stay small, so this package imports neither protoactor-go nor net/http nor
// crypto/tls: the HTTP server and TLS come in through the interfaces HTTPServer and Secure. It never looks into a message
// and never decides whether one should be sent again.
//
// # Sessions
//
// The first Send or Connect to an address dials it; a peer's hello makes a session too, without dialing back. Within a
// session messages arrive in order and without gaps. A session ends, with one Exited on each side, when a connection of
// it closes or stays mute, when the queue for the peer is full, or when the peer says hello as a new incarnation. What
// was queued is then lost; the next Send starts a new session. If dialing fails, that attempt's messages are lost, Exited
// tells of it, and the next attempt waits: 50 ms, doubled per failure up to 5 s, with jitter.
//
// When two programs dial each other at once, both connections stay: each side sends all its messages over the one that
// it had first and takes messages from both. So neither has to know what the other chose, and order holds.
//
// # On the wire
//
// All integers of the framing are 4 bytes, big endian. Each side first sends, the dialing one before the other:
//
//	magic       9d 6d 6c 6b
//	length      of the hello, at most 4096
//	hello       protobuf Hello
//
// and then any number of frames:
//
//	length      of the frame; 0 is a ping, sent when nothing else was for PingInterval
//	frame       protobuf Frame
//
//	message Hello {
//	  uint32 version = 1;  // 1; a peer of another version is refused
//	  string addr    = 2;  // advertised "host:port" of the sender
//	  bytes  program = 3;  // 16 random bytes, new at each start of the program
//	  uint64 session = 4;  // grows with each session the program makes; program and session name the incarnation
//	  // 5: authentication token, to come
//	}
//	message Frame {
//	  string to   = 1;  // id of the receiving actor; the address is that of who reads this
//	  string from = 2;  // id of the sending actor; the address is that of the hello
//	  string type = 3;  // full name of the message type
//	  bytes  body = 4;  // the message
//	}
//
// Unknown fields are skipped. A frame that cannot be read, or is too long, ends the connection; one of an unknown type
// or with a body that does not parse is dropped and counted, since a newer program may send what an older one does not
// know. A hello is refused if its session is over here, if it is older than the one the same program has now, or if its
// sender has hung up already: it may have waited in its socket while the program at that address was started again.
//
// The magic's first byte is not ASCII, so it cannot begin an HTTP request: connections that begin otherwise go to
// Options.HTTP. Under TLS the ALPN name mesos-link/1 tells, see linktls; TLS begins with the byte 16, so that one port can take
// peers with and without it.
//
// What makes a peer untrusted is told once as a warning, and in the loop of its attempts no more.
package link
