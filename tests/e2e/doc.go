// Package e2e holds tests of real programs talking over real sockets: the path
// of a task, kills at each of its steps, bad input, and the command line.
package e2e
