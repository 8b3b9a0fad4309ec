// Package messages is the root of what travels between the programs of Mesos.
//
// It holds no code itself. The protobuf packages lie below it (mesos/v1 and its
// subpackages for the public API, internalpb for what master, agent, scheduler
// driver and executor driver tell each other), beside the packages that read,
// write and calculate with them. README.md says which is which.
//
// Its test compares the compiled descriptors with the tables of the Mesos wire
// in testdata, row by row and in both directions, so a field that is missing,
// misnumbered or made up fails the build. Nothing below this folder imports
// anything of ours from outside it.
package messages
