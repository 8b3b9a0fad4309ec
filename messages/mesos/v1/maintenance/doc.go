// Package maintenancev1 holds maintenance schedules of machines, as operators write and read them.
// Names and numbers are Mesos's; the Go code is generated (make generate).
package maintenancev1
