package store

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Bolt is a store in a file of the work directory.
type Bolt struct {
	*committer
	path  string
	lock  *lock
	db    *bbolt.DB
	state *State
}

// Path is where the state of the agent with this work directory is.
func Path(workDir string) string { return filepath.Join(workDir, "meta", "agent.db") }

// Open opens the state below a work directory, or makes an empty one, and
// keeps every other agent off it until Close. It reads and checks all of it;
// what cannot be used is refused by a *FileError and not changed.
func Open(workDir string, log *slog.Logger) (*Bolt, error) {
	if log == nil {
		log = slog.Default()
	}
	path := Path(workDir)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("directory of the agent's state: %w", err)
	}
	l, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	b := &Bolt{path: path, lock: l}
	if err := b.open(); err != nil {
		l.release()
		return nil, err
	}
	b.committer = newCommitter(log, b.apply)
	return b, nil
}

func (b *Bolt) open() error {
	if _, err := os.Stat(b.path); errors.Is(err, fs.ErrNotExist) {
		if err := create(b.path); err != nil {
			return fmt.Errorf("new state file: %w", err)
		}
	}
	db, state, err := load(b.path, false)
	b.db, b.state = db, state
	if err != nil {
		return err
	}
	if err := db.Update(addTables); err != nil {
		return errors.Join(fmt.Errorf("new tables of state file %s: %w", b.path, err), db.Close())
	}
	return nil
}

// addTables makes the tables that a file of an earlier program lacks.
func addTables(tx *bbolt.Tx) error {
	for t := range later {
		if _, err := tx.CreateBucketIfNotExists([]byte(t)); err != nil {
			return err
		}
	}
	return nil
}

// Load is what the file held when it was opened.
func (b *Bolt) Load() *State { return b.state }

// Clear forgets everything, before anything is committed.
func (b *Bolt) Clear() error {
	err := b.db.Update(func(tx *bbolt.Tx) error {
		for _, t := range tables {
			if err := tx.DeleteBucket([]byte(t)); err != nil {
				return err
			}
		}
		return initialize(tx)
	})
	if err != nil {
		return fmt.Errorf("clearing of state file %s: %w", b.path, err)
	}
	b.state = &State{}
	return nil
}

// Close commits what is queued and lets go of the file.
func (b *Bolt) Close() error {
	b.close()
	err := b.db.Close()
	b.lock.release()
	return err
}

func (b *Bolt) apply(writes []Write) error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		buckets := map[table]*bbolt.Bucket{}
		for _, w := range writes {
			t := buckets[w.table]
			if t == nil {
				t = tx.Bucket([]byte(w.table))
				buckets[w.table] = t
			}
			var err error
			if w.value == nil {
				err = t.Delete(w.key)
			} else {
				err = t.Put(w.key, w.value)
			}
			if err != nil {
				return fmt.Errorf("row %q of table %s: %w", w.key, w.table, err)
			}
		}
		return nil
	})
}

// options of the file. The lock beside it was taken already; bbolt's own is
// held only by a program that looks at the file meanwhile.
func options(readOnly bool) *bbolt.Options {
	return &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType, InitialMmapSize: 16 << 20, ReadOnly: readOnly, NoStatistics: true}
}

// growBy is how many bytes the file gets at a time.
const growBy = 1 << 20

// create makes an empty file under another name first: a file at path is
// whole, or was whole once.
func create(path string) error {
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := bbolt.Open(tmp, 0o600, options(false))
	if err != nil {
		return err
	}
	db.AllocSize = growBy
	if err := errors.Join(db.Update(initialize), db.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func initialize(tx *bbolt.Tx) error {
	for _, t := range tables {
		if _, err := tx.CreateBucketIfNotExists([]byte(t)); err != nil {
			return err
		}
	}
	w := put(metaTable, []byte(formatKey), []byte(Format))
	return tx.Bucket([]byte(w.table)).Put(w.key, w.value)
}

const formatKey = "format"

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// load opens a file and reads all of it.
func load(path string, readOnly bool) (db *bbolt.DB, s *State, err error) {
	if err := checkMeta(path); err != nil {
		return nil, nil, err
	}
	// The file is mapped into memory: what is wrong in it can show as a
	// fault or as a panic of the library.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var file *os.File
	o := options(readOnly)
	o.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag, mode)
		file = f
		return f, err
	}
	defer func() {
		if r := recover(); r != nil {
			abandon(file)
			db, s, err = nil, nil, &FileError{path, ErrDamaged, fmt.Sprint(r)}
		}
	}()
	db, err = bbolt.Open(path, 0o600, o)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, nil, &FileError{path, ErrInUse, ""}
	case err != nil:
		return nil, nil, &FileError{path, ErrDamaged, err.Error()}
	}
	db.AllocSize = growBy
	s = &State{}
	if err := db.View(func(tx *bbolt.Tx) error { return readAll(path, tx, s) }); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, s, nil
}

// abandon lets go of a file that the library stumbled over and cannot close
// any more. Its mapping stays, and would keep the lock.
func abandon(f *os.File) {
	if f != nil {
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) // fails only for one that is not locked
		f.Close()
	}
}

func readAll(path string, tx *bbolt.Tx, s *State) error {
	if err := checkFormat(path, tx); err != nil {
		return err
	}
	for _, t := range tables {
		b := tx.Bucket([]byte(t))
		if b == nil && later[t] {
			continue
		}
		if b == nil {
			return &FileError{path, ErrDamaged, fmt.Sprintf("table %s is missing", t)}
		}
		if err := b.ForEach(func(k, v []byte) error { return s.add(t, k, v) }); err != nil {
			return &FileError{path, ErrDamaged, err.Error()}
		}
	}
	for err := range tx.Check() {
		return &FileError{path, ErrDamaged, err.Error()} // one is enough; the rest is told by nobody's need
	}
	return nil
}

func checkFormat(path string, tx *bbolt.Tx) error {
	b := tx.Bucket([]byte(metaTable))
	if b == nil {
		return &FileError{path, ErrForeign, "it has no table meta"}
	}
	v, err := unseal([]byte(formatKey), b.Get([]byte(formatKey)))
	switch {
	case err != nil:
		return &FileError{path, ErrForeign, "it does not name its format"}
	case string(v) != Format:
		return &FileError{path, ErrVersion, fmt.Sprintf("its format is %q; this program writes %q", v, Format)}
	}
	return nil
}
