// Package secure is how programs of a cluster speak TLS with each other: who they are, whom they trust, and what is said
// to a person when a handshake fails.
//
// Programs under cmd read the settings (LIBPROCESS_SSL_…) and make a [TLS] of them; package actors gives it to actor
// links (package linktls), to HTTP and to the messages of old drivers, and whoever asks another program over HTTP takes its
// scheme and its connections from it. A nil *TLS stands for a cluster without: everything here knows it.
//
// It reads no environment and no files, listens nowhere and never changes what is said inside.
package secure
