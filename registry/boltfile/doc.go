// Package boltfile opens bbolt files that a daemon lives by, and refuses those
// that it cannot live by: foreign, torn, cut short, of another version, or in
// use. A file that is refused is not changed.
//
// The registry and the agent's store call it, each with a [Kind] that says what
// its file is and how errors speak of it. It knows tables, sealed rows and a
// format; what the rows mean is the caller's. It never repairs anything.
package boltfile
