// Package internalpb holds what our programs say to each other: registration, launch, status updates, acknowledgement, pings, and the
// records of the registry. Names and numbers are those of Mesos's internal protocol, over the v1 types, which are equal
// to the unversioned ones on the wire; so a peer that speaks Mesos's protocol can decode them. Actors under actors send
// them; frameworks and operators never see them. The Go code is generated (make generate).
package internalpb
