// Package network holds tests of tasks in networks of their own, on real daemons: they
// reach each other and are reached, over the death of their agent, and leave nothing
// behind. All of it happens in a network namespace of the tests' own.
package network
