package boltfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Kind is what tells files of one sort from all others. Its words stand in errors.
type Kind struct {
	Format  string   // what the file says of itself, with its version
	Tables  []string // besides Meta
	Later   []string // those of Tables that files of the first programs do not have
	Name    string   // "state file"
	Content string   // "the state of an agent"
	Owner   string   // who uses it: "agent"
	Advice  string   // what helps when one cannot be used
}

// Meta is the table of every file that holds the format, under FormatKey, sealed.
const (
	Meta      = "meta"
	FormatKey = "format"
)

// Row takes one row of a table as it is stored; key and value are valid during the call.
type Row func(table string, key, value []byte) error

// File is an open file that no other program can open.
type File struct {
	Path string
	kind *Kind
	lock *lock
	db   *bbolt.DB
}

// Open opens a file, or makes an empty one, and keeps every other program off it
// until Close. It reads and checks all of it, and gives every row to row; an error
// of row counts as damage. What cannot be used is refused by an *Error.
func (k *Kind) Open(path string, row Row) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("directory of the %s: %w", k.Name, err)
	}
	l, err := k.lockFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{Path: path, kind: k, lock: l}
	if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err = k.create(path, nil); err != nil {
			l.release()
			return nil, fmt.Errorf("new %s: %w", k.Name, err)
		}
	}
	if f.db, err = k.load(path, false, row); err != nil {
		l.release()
		return nil, err
	}
	return f, nil
}

// Check reads all of a file that no program uses, and changes nothing.
func (k *Kind) Check(path string, row Row) error {
	l, err := k.lockFile(path)
	if err != nil {
		return err
	}
	defer l.release()
	db, err := k.load(path, true, row)
	if err != nil {
		return err
	}
	return db.Close()
}

// Read gives every row to row, as Open does; an error of row counts as damage.
func (f *File) Read(row Row) error {
	return f.db.View(func(tx *bbolt.Tx) error { return f.kind.readRows(f.Path, tx, row) })
}

// Close lets go of the file.
func (f *File) Close() error {
	err := f.db.Close()
	f.lock.release()
	return err
}

// Put is one row to be written sealed, or with a nil value to be deleted.
type Put struct {
	Table  string
	Key    []byte
	Sealed []byte
}

// Write makes all puts durable, or none.
func (f *File) Write(puts []Put) error {
	return f.db.Update(func(tx *bbolt.Tx) error { return write(tx, puts) })
}

func write(tx *bbolt.Tx, puts []Put) error {
	buckets := map[string]*bbolt.Bucket{}
	for _, p := range puts {
		t, err := buckets[p.Table], error(nil)
		if t == nil {
			if t, err = tx.CreateBucketIfNotExists([]byte(p.Table)); err != nil {
				return fmt.Errorf("table %s: %w", p.Table, err)
			}
			buckets[p.Table] = t
		}
		if p.Sealed == nil {
			err = t.Delete(p.Key)
		} else {
			err = t.Put(p.Key, p.Sealed)
		}
		if err != nil {
			return fmt.Errorf("row %q of table %s: %w", p.Key, p.Table, err)
		}
	}
	return nil
}

// Make makes a file that holds puts. It is refused by an error that wraps
// [fs.ErrExist] if there is one.
func (k *Kind) Make(path string, puts []Put) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("directory of the %s: %w", k.Name, err)
	}
	l, err := k.lockFile(path)
	if err != nil {
		return err
	}
	defer l.release()
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("new %s: %s: %w", k.Name, path, fs.ErrExist)
	}
	if err := k.create(path, puts); err != nil {
		return fmt.Errorf("new %s: %w", k.Name, err)
	}
	return nil
}

// Clear deletes every row of the named tables.
func (f *File) Clear(tables ...string) error {
	err := f.db.Update(func(tx *bbolt.Tx) error {
		for _, t := range tables {
			if err := tx.DeleteBucket([]byte(t)); err != nil && !errors.Is(err, bolterrors.ErrBucketNotFound) {
				return err
			}
		}
		return f.kind.initialize(tx)
	})
	if err != nil {
		return fmt.Errorf("clearing of %s %s: %w", f.kind.Name, f.Path, err)
	}
	return nil
}

func (k *Kind) tables() []string { return append([]string{Meta}, k.Tables...) }
