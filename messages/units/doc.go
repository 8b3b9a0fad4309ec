// Package units reads and writes the small texts that flags, environment variables and endpoints use for
// quantities: durations ("15secs"), amounts of bytes ("2GB"), shares ("40%") and rates ("1/20mins").
//
// It owns only these notations. The flag tables, the executor environment and the HTTP endpoints call it.
// It never reads a clock, a file or the environment, and it never guesses a missing unit.
package units
