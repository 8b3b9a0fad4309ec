package store

import (
	"log/slog"
	"path/filepath"
	"slices"

	"mesos/registry/boltfile"
)

// Bolt is a store in a file of the work directory.
type Bolt struct {
	*committer
	file  *boltfile.File
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
	b := &Bolt{state: &State{}}
	var err error
	if b.file, err = kind.Open(Path(workDir), b.state.row); err != nil {
		return nil, err
	}
	b.committer = newCommitter(log, b.apply)
	return b, nil
}

// row reads one row of the file.
func (s *State) row(t string, key, sealed []byte) error { return s.add(table(t), key, sealed) }

// Load is what the file held when it was opened.
func (b *Bolt) Load() *State { return b.state }

// Clear forgets everything, before anything is committed.
func (b *Bolt) Clear() error { return b.clear(tables) }

// ClearRun forgets who the agent was and what ran on it. Reservations and
// volumes, which belong to the machine, stay.
func (b *Bolt) ClearRun() error {
	return b.clear(slices.DeleteFunc(slices.Clone(tables), func(t table) bool { return t == converted }))
}

func (b *Bolt) clear(tables []table) error {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = string(t)
	}
	if err := b.file.Clear(names...); err != nil {
		return err
	}
	kept := b.state.Resources
	b.state = &State{}
	if !slices.Contains(tables, converted) {
		b.state.Resources = kept
	}
	return nil
}

// Close commits what is queued and lets go of the file.
func (b *Bolt) Close() error {
	b.close()
	return b.file.Close()
}

func (b *Bolt) apply(writes []Write) error {
	puts := make([]boltfile.Put, len(writes))
	for i, w := range writes {
		puts[i] = boltfile.Put{Table: string(w.table), Key: w.key, Sealed: w.value}
	}
	return b.file.Write(puts)
}
