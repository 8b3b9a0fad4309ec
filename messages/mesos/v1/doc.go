// Package v1 holds the public types of Mesos as protobuf messages: offers, tasks, agents, frameworks, resources and what they
// are made of. Names, numbers and defaults are Mesos's, so that frameworks written for it understand ours; the tables in
// messages/testdata say which. The Go code is generated (make generate); arithmetic over it is in messages/resources,
// its JSON in messages/mesosjson.
package v1
