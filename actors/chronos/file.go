package chronos

import (
	"bytes"
	"context"
	"fmt"
	"os"
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

// fileLimits are ample.
var fileLimits = registry.Limits{Rows: 8192, Bytes: 16 << 20}

// File is a store in a file of the work directory, for one chronos without others.
type File struct {
	file *boltfile.File
	rows map[[2]string][]byte // what the file holds, by table and key
}

// OpenFile opens chronos.db in a work directory, or makes it, and keeps every other program off it until Close. What cannot be
// used is refused by a *[boltfile.Error] and not changed.
func OpenFile(workDir string) (*File, error) {
	if err := os.MkdirAll(workDir, 0o755); err != nil {
		return nil, fmt.Errorf("work_dir: %w", err)
	}
	f := &File{rows: map[[2]string][]byte{}}
	var err error
	f.file, err = kind.Open(filepath.Join(workDir, "chronos.db"), func(table string, key, sealed []byte) error {
		value, err := boltfile.Unseal(key, sealed)
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		f.rows[[2]string{table, string(key)}] = bytes.Clone(value)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Load gives every row.
func (f *File) Load(_ context.Context, row func(registry.Row) error) error {
	for k, value := range f.rows {
		if err := row(registry.Row{Table: k[0], Key: k[1], Value: value}); err != nil {
			return kind.Damaged(f.file.Path, err.Error())
		}
	}
	return nil
}

// Write makes all rows durable, or none.
func (f *File) Write(_ context.Context, rows []registry.Row) error {
	puts := make([]boltfile.Put, len(rows))
	for i, r := range rows {
		puts[i] = boltfile.Put{Table: r.Table, Key: []byte(r.Key)}
		if r.Value != nil {
			puts[i].Sealed = boltfile.Seal(puts[i].Key, r.Value)
		}
	}
	if err := f.file.Write(puts); err != nil {
		return err
	}
	for _, r := range rows {
		if k := [2]string{r.Table, r.Key}; r.Value == nil {
			delete(f.rows, k)
		} else {
			f.rows[k] = r.Value
		}
	}
	return nil
}

// Limits are ample.
func (f *File) Limits() registry.Limits { return fileLimits }

// Lost is nil: nobody else can open the file.
func (f *File) Lost() <-chan struct{} { return nil }

// Close lets go of the file.
func (f *File) Close() error { return f.file.Close() }
