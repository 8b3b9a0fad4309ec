// Package mutations holds deliberate bugs, and proves that the simulator finds each.
//
// A bug is a file in bugs/: the product's file, the exact text that is taken out, and what stands there instead. It is
// built in with `go test -overlay`, so that no product code holds a switch for it, and then the simulator's tests run
// until one fails: first 250 seeds of TestSeeds, then TestCrashPoints, then the rest of package simtest. A bug that is found by nothing fails
// the test: either it is no bug, or the simulator lacks a check.
//
// `make mutations` tries all and prints the table; `make test` tries two, since each costs a build. Package repo checks
// that the text of every bug still stands exactly once in its file.
package mutations
