package store

import (
	"path/filepath"

	"mesos/registry"
	"mesos/registry/boltfile"
)

// The tables.
const (
	Specs       = "specs"
	Current     = "current"
	Groups      = "groups"
	Deployments = "deployments"
	Instances   = "instances"
	Framework   = "framework"
)

var kind = &boltfile.Kind{
	Format: "marathon 1", Name: "state file", Content: "the state of marathon", Owner: "marathon",
	Tables: []string{Specs, Current, Groups, Deployments, Instances, Framework},
	Advice: "restore it from a copy, or move it away to begin without apps (their tasks are then ended as unknown)",
}

// Open opens the state below a work directory, or makes an empty one, for one marathon without others, and keeps every
// other program off it until Close. Errors: those of [registry.OpenFile].
func Open(workDir string) (*registry.File, error) {
	return registry.OpenFile(kind, filepath.Join(workDir, "marathon.db"))
}
