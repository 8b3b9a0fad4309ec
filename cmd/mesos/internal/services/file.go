package services

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Definition is one app, pod or group of a file.
type Definition struct {
	ID     string
	Kind   string // apps, pods or groups
	Fields map[string]any
}

// Path is where marathon has it.
func (d Definition) Path() string { return "/v2/" + d.Kind + "/" + strings.TrimPrefix(d.ID, "/") }

// Read reads the definitions of a file of JSON or YAML, which is JSON, too: one, a
// list of them, or several documents. "-" is the standard input.
func Read(path string, stdin io.Reader) ([]Definition, error) {
	text, err := read(path, stdin)
	if err != nil {
		return nil, err
	}
	var out []Definition
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for n, x := range list {
			def, err := define(x)
			if err != nil {
				return nil, fmt.Errorf("%s: definition %d: %w", path, n+1, err)
			}
			out = append(out, def)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no definition", path)
	}
	return out, nil
}

func read(path string, stdin io.Reader) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(path)
}

func define(v any) (Definition, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return Definition{}, errors.New("it is no object with fields")
	}
	id, ok := m["id"].(string)
	if !ok || strings.Trim(id, "/") == "" {
		return Definition{}, errors.New("the field id is missing, like id: /web")
	}
	d := Definition{ID: "/" + strings.Trim(id, "/"), Kind: "apps", Fields: m}
	switch {
	case m["containers"] != nil:
		d.Kind = "pods"
	case m["groups"] != nil || m["apps"] != nil || m["pods"] != nil:
		d.Kind = "groups"
	}
	return d, nil
}

// Difference is what a definition changes, a line for each field.
func Difference(now, wanted map[string]any) []string {
	var lines []string
	for _, k := range keys(now, wanted) {
		w, sent := wanted[k]
		if !sent || k == "id" {
			continue // what is not sent stays
		}
		n, there := now[k]
		if a, b := compact(n), compact(w); a != b {
			if there {
				lines = append(lines, "- "+k+": "+a)
			}
			lines = append(lines, "+ "+k+": "+b)
		}
	}
	return lines
}

func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
