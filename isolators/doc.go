// Package isolators is what the kernel enforces and counts for a container.
//
// It owns the shape that every isolator has, the composition of several into a
// [Set], and the errors about names and kernel features. The isolators stand in
// packages below: cgroups (v1 and v2), posix; package catalog knows them by the
// names of --isolation. A containerizer calls them; they never start processes,
// never talk to actors and never read flags.
//
// The life of a container, as an isolator sees it:
//
//	Recover  once, before all else: what lives is taken up, the rest cleaned away
//	House    of a [Houser] alone: the sandbox is there and empty
//	Prepare  what must be there before the process is
//	Isolate  the process exists and waits; afterwards it may run
//	Watch    one Limitation if the container goes beyond what it may
//	Update   other amounts, while it runs
//	Usage    what it used so far, while it runs
//	Cleanup  the container has ended, or Prepare or Isolate failed
package isolators
