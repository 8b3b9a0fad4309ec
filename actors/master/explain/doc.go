// Package explain says in words and figures why frameworks get the offers that
// they get: what a framework, role or agent waits for, what a need would meet
// now, and who keeps offers unanswered.
//
// It puts together what the allocator works out on demand (package allocator) and
// what only the master knows: outstanding offers and their age, and names. The
// master's HTTP has an [Asker] answer beside its actor; the command line reads the
// same shapes back. It decides nothing, keeps nothing and reads no clock.
//
// Every explanation begins with its summary: sentences for people, one a line.
// The rest is the same as figures for programs.
package explain
