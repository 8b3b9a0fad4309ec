package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrNone is what Check says of a work directory that no agent has used.
var ErrNone = errors.New("no state of an agent")

// Check reads all of the state below a work directory that no agent uses, and
// changes nothing. Errors are a *FileError, or wrap ErrNone.
func Check(workDir string) (*State, error) {
	path := Path(workDir)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("work_dir %s: %w: there is no file %s", workDir, ErrNone, path)
	}
	l, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	defer l.release()
	db, s, err := load(path, true)
	if err != nil {
		return nil, err
	}
	return s, db.Close()
}
