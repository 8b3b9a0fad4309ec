// Package clients proves that programs written for Mesos run on our master and agents unchanged: each test takes a
// released client as its package registry hands it out, runs it against real daemons and asserts what the client calls
// success. The clients are pinned in modules of their own (mesosgo and telegraf for Go, node for npm, pymesos for Python).
//
// It never changes a client, and it has no opinion on speed.
package clients
