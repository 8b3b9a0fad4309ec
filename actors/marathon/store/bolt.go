package store

import (
	"bytes"
	"context"
	"fmt"
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

var limits = registry.Limits{Rows: 8192, Bytes: 16 << 20}

// Bolt is a store in a file of the work directory, for a single marathon.
type Bolt struct {
	file *boltfile.File
	rows []registry.Row
}

// Open opens the state below a work directory, or makes an empty one, and keeps
// every other marathon off it until Close. What cannot be used is refused by a
// *boltfile.Error and not changed.
func Open(workDir string) (*Bolt, error) {
	b := &Bolt{}
	var err error
	b.file, err = kind.Open(filepath.Join(workDir, "marathon.db"), func(table string, key, sealed []byte) error {
		value, err := boltfile.Unseal(key, sealed)
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		b.rows = append(b.rows, registry.Row{Table: table, Key: string(key), Value: bytes.Clone(value)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Load gives every row, once.
func (b *Bolt) Load(_ context.Context, row func(registry.Row) error) error {
	for _, r := range b.rows {
		if err := row(r); err != nil {
			return kind.Damaged(b.file.Path, err.Error())
		}
	}
	b.rows = nil
	return nil
}

// Write makes all rows durable, or none. The file's lock is the guard.
func (b *Bolt) Write(_ context.Context, rows []registry.Row) error {
	puts := make([]boltfile.Put, len(rows))
	for i, r := range rows {
		puts[i] = boltfile.Put{Table: r.Table, Key: []byte(r.Key)}
		if r.Value != nil {
			puts[i].Sealed = boltfile.Seal(puts[i].Key, r.Value)
		}
	}
	return b.file.Write(puts)
}

// Limits are ample.
func (b *Bolt) Limits() registry.Limits { return limits }

// Lost is nil: nobody else can open the file.
func (b *Bolt) Lost() <-chan struct{} { return nil }

// Close lets go of the file.
func (b *Bolt) Close() error { return b.file.Close() }
