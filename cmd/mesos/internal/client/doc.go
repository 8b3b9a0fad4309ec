// Package client asks a master over HTTP: who leads, what is in /state, kill a task.
//
// The subcommands of mesos call it. It finds the way (one address, redirects to the leader) and turns what goes wrong
// into errors that say what to do next; it never retries and never looks into what it is told.
package client
