// Package flags reads the command line of the daemons with the flag names of Mesos, on top of urfave/cli.
//
// A table of [Def] says for each flag its name, kind and default; [Master] and [Agent] are the tables of Mesos, in which
// every name is known, but only those that the program marks with [Set.Support] may differ from their default. So a
// command line written for Mesos works, or says which of its flags would not be obeyed.
//
// A value comes from the command line, else from a variable MESOS_<NAME>, else from the default; "file:///path" stands
// for the content of that file. Only programs under cmd use this package; it decides nothing beyond what a value is.
package flags
