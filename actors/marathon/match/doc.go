// Package match finds out, purely, whether an offer can take an instance, and makes
// the tasks that are launched there.
//
// Package marathon calls it with each offer while something waits to be launched.
// What speaks against an offer is told by Marathon's words, so that /v2/queue can
// count them. It owns the translation of apps and pods into tasks of Mesos, and
// never decides how many instances there are.
//
// An instance is given reserved resources before unreserved ones, never revocable
// ones, disks of providers or what another framework reserved; one with persistent volumes
// reserves what is nobody's, see [Claim]. Ports that may be any are drawn at
// random, so that a port that was just used is not used again at once.
package match
