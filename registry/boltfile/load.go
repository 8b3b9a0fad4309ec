package boltfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// options of the file. The lock beside it was taken already; bbolt's own is held only by a program that looks at the
// file meanwhile, and a moment longer by what its last owner was forking when it was killed.
func options(readOnly bool) *bbolt.Options {
	return &bbolt.Options{Timeout: patience, FreelistType: bbolt.FreelistMapType, InitialMmapSize: 16 << 20, ReadOnly: readOnly, NoStatistics: true}
}

// growBy is how many bytes the file gets at a time.
const growBy = 1 << 20

// create makes a file under another name first: a file at path is
// whole, or was whole once.
func (k *Kind) create(path string, puts []Put) error {
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := bbolt.Open(tmp, 0o600, options(false))
	if err != nil {
		return err
	}
	db.AllocSize = growBy
	if err := errors.Join(db.Update(func(tx *bbolt.Tx) error {
		if err := k.initialize(tx); err != nil {
			return err
		}
		return write(tx, puts)
	}), db.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func (k *Kind) initialize(tx *bbolt.Tx) error {
	for _, t := range k.tables() {
		if _, err := tx.CreateBucketIfNotExists([]byte(t)); err != nil {
			return err
		}
	}
	return tx.Bucket([]byte(Meta)).Put([]byte(FormatKey), Seal([]byte(FormatKey), []byte(k.Format)))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// load opens a file and reads all of it.
func (k *Kind) load(path string, readOnly bool, row Row) (db *bbolt.DB, err error) {
	if err := k.checkMeta(path); err != nil {
		return nil, err
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
			db, err = nil, k.refuse(path, ErrDamaged, fmt.Sprint(r))
		}
	}()
	db, err = bbolt.Open(path, 0o600, o)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, k.refuse(path, ErrInUse, "")
	case err != nil:
		return nil, k.refuse(path, ErrDamaged, err.Error())
	}
	db.AllocSize = growBy
	if err := db.View(func(tx *bbolt.Tx) error { return k.readAll(path, tx, row) }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// abandon lets go of a file that the library stumbled over and cannot close
// any more. Its mapping stays, and would keep the lock.
func abandon(f *os.File) {
	if f != nil {
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) // fails only for one that is not locked
		f.Close()
	}
}

func (k *Kind) readAll(path string, tx *bbolt.Tx, row Row) error {
	if err := k.checkFormat(path, tx); err != nil {
		return err
	}
	if err := k.readRows(path, tx, row); err != nil {
		return err
	}
	for err := range tx.Check() {
		return k.refuse(path, ErrDamaged, err.Error()) // one is enough; the rest is told by nobody's need
	}
	return nil
}

func (k *Kind) readRows(path string, tx *bbolt.Tx, row Row) error {
	for _, t := range k.Tables {
		b := tx.Bucket([]byte(t))
		if b == nil && slices.Contains(k.Later, t) {
			continue
		}
		if b == nil {
			return k.refuse(path, ErrDamaged, fmt.Sprintf("table %s is missing", t))
		}
		if err := b.ForEach(func(key, v []byte) error { return row(t, key, v) }); err != nil {
			return k.refuse(path, ErrDamaged, err.Error())
		}
	}
	return nil
}

func (k *Kind) checkFormat(path string, tx *bbolt.Tx) error {
	b := tx.Bucket([]byte(Meta))
	if b == nil {
		return k.refuse(path, ErrForeign, "it has no table meta")
	}
	v, err := Unseal([]byte(FormatKey), b.Get([]byte(FormatKey)))
	switch {
	case err != nil:
		return k.refuse(path, ErrForeign, "it does not name its format")
	case string(v) != k.Format:
		return k.refuse(path, ErrVersion, fmt.Sprintf("its format is %q; this program writes %q", v, k.Format))
	}
	return nil
}
