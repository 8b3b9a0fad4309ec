// Package v0 translates between drivers of version 0, libmesos and the older mesos-go, and version 1 of the API, which
// is what the master speaks: their messages are calls, and the events that a framework gets are their messages.
//
// The master calls it for each message that comes from such a driver and each event that goes to one. It decides
// nothing, and only an [Events] keeps anything: which framework it tells of.
package v0
