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
// http, https, ftp, file and plain paths, s3 and what hadoop's client reads are
// built in; other schemes plug in as a [Source]. A URI that ends with the
// fragment #sha256=<hex> or #sha512=<hex> must have that checksum: Mesos has no
// field for it, and no server gets to see a fragment.
//
// A URI that asks for the cache is fetched once for each user, also when many
// ask at the same time, and kept until its place is needed. It does not notice
// that the original changes, as the cache of Mesos does not. A cached archive is
// unpacked from there; the archive itself is then not in the sandbox. What does
// not fit is fetched past the cache.
//
// Programs are started for archives packed with xz(1) and zstd(1), and hadoop's
// client; each ends with the fetch.
package fetcher
