// Package contexts remembers clusters by name: which masters each has, and which one is in use.
//
// `mesos context` writes the file, every command that asks a master reads it. It knows nothing of what stands in a
// master's address.
package contexts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Variable names the file where it is not in its usual place.
const Variable = "MESOS_CONTEXTS"

// File is what is remembered. Current is "" or a key of Contexts.
type File struct {
	Current  string             `json:"current"`
	Contexts map[string]Context `json:"contexts"`
}

// Context is one cluster: its master as --master names it.
type Context struct {
	Master string `json:"master"`
}

// Path is where the file is: in $MESOS_CONTEXTS, or mesos/contexts.json below the user's configuration.
func Path() (string, error) {
	if path := os.Getenv(Variable); path != "" {
		return path, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("context file: %w: name one with %s", err, Variable)
	}
	return filepath.Join(dir, "mesos", "contexts.json"), nil
}

// Read reads the file; one that is not there holds nothing.
func Read(path string) (*File, error) {
	f := &File{Contexts: map[string]Context{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("context file: %w", err)
	}
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("context file %s: %w: mend it or remove it", path, err)
	}
	if _, ok := f.Contexts[f.Current]; f.Current != "" && !ok {
		return nil, fmt.Errorf("context file %s: current %q is none of its contexts: mend it or remove it", path, f.Current)
	}
	if f.Contexts == nil {
		f.Contexts = map[string]Context{}
	}
	return f, nil
}

// Write replaces the file at once, readable by its user alone.
func (f *File) Write(path string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("context file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("context file: %w", err)
	}
	beside, err := os.CreateTemp(filepath.Dir(path), ".contexts-*")
	if err != nil {
		return fmt.Errorf("context file: %w", err)
	}
	_, err = beside.Write(append(text, '\n'))
	if err = errors.Join(err, beside.Close()); err == nil {
		err = os.Rename(beside.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("context file: %w", errors.Join(err, os.Remove(beside.Name())))
	}
	return nil
}
