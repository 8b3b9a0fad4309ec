// Package consul tests masters with real Consul servers: the store and the election
// against them, and whole clusters whose leader is killed, stopped and replaced.
//
// It owns the server's build (see [Binary]) and starts servers on loopback
// addresses of their own. Nothing but its own tests calls it.
package consul
