package chronos

import (
	"path/filepath"

	"mesos/actors/chronos/plan"
	"mesos/registry"
	"mesos/registry/boltfile"
)

// format is what a file of chronos says of itself. Another is refused.
const format = "mesos chronos 1"

var kind = &boltfile.Kind{
	Format: format, Tables: plan.Tables, Name: "file of chronos", Content: "the jobs and runs of chronos", Owner: "chronos",
	Advice: "restore it from a copy, or move it away to begin without jobs (tasks that still run are then killed when their framework's failover timeout is over)",
}

// OpenFile opens chronos.db in a work directory, or makes it, for one chronos without others, and keeps every other
// program off it until Close. Errors: those of [registry.OpenFile].
func OpenFile(workDir string) (*registry.File, error) {
	return registry.OpenFile(kind, filepath.Join(workDir, "chronos.db"))
}
