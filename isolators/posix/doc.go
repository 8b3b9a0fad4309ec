// Package posix isolates as far as any Unix can: [RLimits] sets the resource
// limits of a container's processes, and [Usage] adds up, without limiting, what
// the processes of one use. Package catalog makes them. It never touches cgroups.
package posix
