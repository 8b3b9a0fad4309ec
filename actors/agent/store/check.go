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
	s := &State{}
	if err := kind.Check(path, s.row); err != nil {
		return nil, err
	}
	return s, nil
}
