package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"mesos/registry/boltfile"
)

// Format is what a registry file says of itself. Another is refused.
const Format = "mesos registry 1"

// ErrNone is what Check says of a work directory that no master has used.
var ErrNone = errors.New("no registry of a master")

var kind = &boltfile.Kind{
	Format: Format, Name: "registry file", Content: "the registry of a master", Owner: "master", Tables: tableNames(),
	Advice: "restore it from a copy or an export, or move it away to begin with an empty registry (agents that were marked gone may then return)",
}

func tableNames() (out []string) {
	for _, t := range Tables {
		out = append(out, string(t))
	}
	return out
}

// Bolt is a store in a file of the work directory, for a single master.
type Bolt struct{ *File }

// Path is where the registry of the master with this work directory is.
func Path(workDir string) string { return filepath.Join(workDir, "registry.db") }

// OpenBolt opens the registry below a work directory, or makes an empty one, and
// keeps every other master off it until Close. It reads all of it; what cannot
// be used is refused by a *[boltfile.Error] and not changed. Whether the rows make
// sense the registrar finds out.
func OpenBolt(workDir string) (*Bolt, error) {
	f, err := OpenFile(kind, Path(workDir))
	if err != nil {
		return nil, err
	}
	return &Bolt{f}, nil
}

// ForgetCluster forgets all agents and frameworks, before Load.
func (b *Bolt) ForgetCluster() error {
	if err := b.file.Clear(string(Agents), string(Unreachable), string(Gone), string(Frameworks)); err != nil {
		return fmt.Errorf("forgetting the agents and frameworks: %w", err)
	}
	return nil
}

// CheckBolt reads all of the registry below a work directory that no master uses,
// and changes nothing. Errors are a *[boltfile.Error], or wrap [ErrNone].
func CheckBolt(workDir string) (*State, error) {
	path := Path(workDir)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("work_dir %s: %w: there is no file %s", workDir, ErrNone, path)
	}
	s := NewState()
	err := kind.Check(path, func(table string, key, sealed []byte) error {
		r, err := unseal(table, key, sealed)
		if err != nil {
			return err
		}
		return s.add(r)
	})
	if err != nil {
		return nil, err
	}
	if err := s.Check(); err != nil {
		return nil, kind.Damaged(path, err.Error())
	}
	return s, nil
}
