package registry

import (
	"bytes"
	"context"
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
type Bolt struct {
	file *boltfile.File
	rows []Row // as they were when it was opened, until Load
}

// Path is where the registry of the master with this work directory is.
func Path(workDir string) string { return filepath.Join(workDir, "registry.db") }

// OpenBolt opens the registry below a work directory, or makes an empty one, and
// keeps every other master off it until Close. It reads all of it; what cannot
// be used is refused by a *[boltfile.Error] and not changed. Whether the rows make
// sense the registrar finds out.
func OpenBolt(workDir string) (*Bolt, error) {
	b := &Bolt{}
	var err error
	b.file, err = kind.Open(Path(workDir), func(table string, key, sealed []byte) error {
		r, err := unseal(table, key, sealed)
		if err != nil {
			return err
		}
		b.rows = append(b.rows, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, nil
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

// Load gives every row, once.
func (b *Bolt) Load(_ context.Context, row func(Row) error) error {
	for _, r := range b.rows {
		if err := row(r); err != nil {
			return kind.Damaged(b.file.Path, err.Error())
		}
	}
	b.rows = nil
	return nil
}

// Write makes all rows durable, or none. The file's lock is the guard.
func (b *Bolt) Write(_ context.Context, rows []Row) error {
	return b.file.Write(sealed(rows))
}

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

// ForgetCluster forgets all agents and frameworks, before Load.
func (b *Bolt) ForgetCluster() error {
	var kept, gone []Row
	for _, r := range b.rows {
		switch Table(r.Table) {
		case Agents, Unreachable, Gone, Frameworks:
			gone = append(gone, Row{Table: r.Table, Key: r.Key})
		default:
			kept = append(kept, r)
		}
	}
	if err := b.file.Write(sealed(gone)); err != nil {
		return fmt.Errorf("forgetting the agents and frameworks of registry file %s: %w", b.file.Path, err)
	}
	b.rows = kept
	return nil
}

// Limits are ample.
func (b *Bolt) Limits() Limits { return ample }

// Lost is nil: nobody else can open the file.
func (b *Bolt) Lost() <-chan struct{} { return nil }

// Close lets go of the file.
func (b *Bolt) Close() error { return b.file.Close() }

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
