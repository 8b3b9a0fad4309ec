package mutations

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Mutation is one deliberate bug.
type Mutation struct {
	Name     string // of its file, without .txt
	File     string // of the product, relative to the repository
	Bug      string // a sentence for people
	Old, New string // the text that is taken out, and what stands there instead
}

// Load reads the bugs in folder, in the order of their names.
func Load(folder string) ([]Mutation, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("list of bugs: %w", err)
	}
	slices.Sort(files)
	var all []Mutation
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("bug: %w", err)
		}
		m, err := parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("bug %s: %w", f, err)
		}
		m.Name = strings.TrimSuffix(filepath.Base(f), ".txt")
		all = append(all, m)
	}
	return all, nil
}

const (
	oldMark = "\n--- old\n"
	newMark = "\n--- new\n"
)

func parse(text string) (Mutation, error) {
	head, rest, isOld := strings.Cut(text, oldMark)
	before, after, isNew := strings.Cut(rest, newMark)
	file, bug, isHead := strings.Cut(head, "\n")
	file, isFile := strings.CutPrefix(file, "file: ")
	bug, isBug := strings.CutPrefix(bug, "bug: ")
	if !isOld || !isNew || !isHead || !isFile || !isBug {
		return Mutation{}, fmt.Errorf("it must have the lines file:, bug:, --- old, --- new, in this order")
	}
	return Mutation{File: file, Bug: bug, Old: before, New: strings.TrimSuffix(after, "\n")}, nil
}

// Apply is the text of the mutation's file with the bug in it. root is the repository's folder.
func (m Mutation) Apply(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, m.File))
	if err != nil {
		return "", fmt.Errorf("file of the bug: %w", err)
	}
	if n := strings.Count(string(text), m.Old); n != 1 {
		return "", fmt.Errorf("the old text stands %d times in %s, want once: write the bug anew", n, m.File)
	}
	return strings.Replace(string(text), m.Old, m.New, 1), nil
}

// overlay writes what `go build -overlay` needs into folder, and returns its path.
func (m Mutation) overlay(root, folder string) (string, error) {
	text, err := m.Apply(root)
	if err != nil {
		return "", err
	}
	mutated := filepath.Join(folder, filepath.Base(m.File))
	plan, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, m.File): mutated}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(mutated, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("mutated file: %w", err)
	}
	return path, os.WriteFile(path, plan, 0o600)
}
