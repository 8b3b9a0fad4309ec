// Package quotav1 holds quota guarantees and limits of roles, as operators write and read them.
// Names and numbers are Mesos's; the Go code is generated (make generate).
package quotav1
