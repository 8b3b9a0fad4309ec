// Package consul tests masters with real Consul servers: the store and the election
// against them, whole clusters whose leader is killed, stopped and replaced, and those of
// chronos.
//
// It owns the server's build (see [Binary]) and starts servers ([Start]), on loopback
// addresses of their own or on given hosts, for its own tests and those of package
// hosts.
package consul
