package registry

import (
	"bytes"
	"context"
	"fmt"

	"mesos/registry/boltfile"
)

// File is a store in a file that one program uses alone.
type File struct {
	kind *boltfile.Kind
	file *boltfile.File
}

// OpenFile opens a file of a kind, or makes an empty one, and keeps every other program off it until Close. It reads and
// checks all of it; what cannot be used is refused by a *[boltfile.Error] and not changed. Whether the rows make sense
// their reader finds out.
func OpenFile(k *boltfile.Kind, path string) (*File, error) {
	file, err := k.Open(path, func(table string, key, sealed []byte) error {
		_, err := unseal(table, key, sealed)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &File{k, file}, nil
}

// Load gives every row; an error of row counts as damage.
func (f *File) Load(_ context.Context, row func(Row) error) error {
	return f.file.Read(func(table string, key, sealed []byte) error {
		r, err := unseal(table, key, sealed)
		if err != nil {
			return err
		}
		return row(r)
	})
}

func unseal(table string, key, sealed []byte) (Row, error) {
	value, err := boltfile.Unseal(key, sealed)
	if err != nil {
		return Row{}, fmt.Errorf("table %s: %w", table, err)
	}
	value = bytes.Clone(value)
	if value == nil {
		value = []byte{}
	}
	return Row{table, string(key), value}, nil
}

// Write makes all rows durable, or none. The file's lock is the guard.
func (f *File) Write(_ context.Context, rows []Row) error { return f.file.Write(sealed(rows)) }

func sealed(rows []Row) []boltfile.Put {
	puts := make([]boltfile.Put, len(rows))
	for i, r := range rows {
		puts[i] = boltfile.Put{Table: r.Table, Key: []byte(r.Key)}
		if r.Value != nil {
			puts[i].Sealed = boltfile.Seal(puts[i].Key, r.Value)
		}
	}
	return puts
}

// Limits are ample.
func (f *File) Limits() Limits { return ample }

// Lost is nil: nobody else can open the file.
func (f *File) Lost() <-chan struct{} { return nil }

// Close lets go of the file.
func (f *File) Close() error { return f.file.Close() }
