// Package fetcher brings the files that a command names as its URIs into a
// sandbox, and unpacks archives there.
//
// The containerizer calls it before it starts a command. What it opens on this
// machine it opens with the rights of the command's user, everything that it
// writes belongs to that user, and nothing is ever written outside the sandbox:
// all writes go through an os.Root, entry names and link targets are checked
// before, and every link is followed once more after unpacking. Unpacked bytes
// and entries are bounded.
//
// http, https, file and plain paths are built in; other schemes plug in as a
// Source. It starts no process but xz(1), for archives packed with it.
package fetcher
