// Package live is what open pages are told of a cluster: one picture of
// everything, and then only what has changed.
//
// The master gives a [Book] pictures of itself ([view.Cluster]); the book finds
// out what differs from the last one and hands it back as a [Change]. A [Feed]
// keeps the newest changes as text, made once for all readers, so that a page
// whose connection broke goes on where it was; one that was away too long reads
// a new picture. A reader has no queue of its own: whoever falls behind the
// feed is told to start over. [History] keeps how much was used over time.
//
// Tasks are compared by pointer, since the master shares those that have not
// changed from picture to picture: a look at 20,000 tasks costs a few
// milliseconds, whatever happened. Nothing here has a clock, starts a goroutine
// or talks to an actor; a Feed is safe for concurrent use, a Book is not.
package live
