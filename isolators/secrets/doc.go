// Package secrets finds out what secrets are, and gives them to commands:
// [Resolver] reads them, [Environment] is the isolator environment_secret.
//
// A secret is given by value, or by a reference, which is the name of a file below
// --secrets_dir ([Dir]), a flag of our own. Values are never logged and never
// part of an error.
//
// Package catalog makes the isolator; filesystem/linux reads the secrets of
// volumes here. Nothing is kept.
package secrets
