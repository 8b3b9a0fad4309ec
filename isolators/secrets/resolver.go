package secrets

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	v1 "mesos/messages/mesos/v1"
)

// Resolver tells what a secret is. Errors name what of the secret is wrong.
type Resolver interface {
	Resolve(s *v1.Secret) ([]byte, error)
}

// Dir resolves references to files below a directory: the reference's name is
// that of a file, or with a key that of a directory with a file of the key's
// name. Without a directory ("") it knows values alone.
type Dir string

// MaxSize of a secret, in bytes: a variable cannot be longer.
const MaxSize = 128 << 10

// Resolve implements Resolver.
func (d Dir) Resolve(s *v1.Secret) ([]byte, error) {
	switch s.GetType() {
	case v1.Secret_VALUE:
		if s.GetValue() == nil {
			return nil, errors.New("value must be set for a secret of type VALUE")
		}
		return s.GetValue().GetData(), nil
	case v1.Secret_REFERENCE:
		if s.GetReference() == nil {
			return nil, errors.New("reference must be set for a secret of type REFERENCE")
		}
		return d.file(s.GetReference())
	}
	return nil, errors.New("type must be VALUE or REFERENCE")
}

func (d Dir) file(r *v1.Secret_Reference) ([]byte, error) {
	path := r.GetName()
	if r.Key != nil {
		path = filepath.Join(path, r.GetKey())
	}
	switch {
	case d == "":
		return nil, fmt.Errorf("reference %q: this agent knows only secrets that are given by value: it needs --secrets_dir", path)
	case r.GetName() == "" || !filepath.IsLocal(r.GetName()) || r.Key != nil && !filepath.IsLocal(r.GetKey()):
		return nil, fmt.Errorf("reference %q: want the name of a file in --secrets_dir, or of a directory and as key of a file in that", path)
	}
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return nil, fmt.Errorf("reference %q: directory of secrets: %w", path, err)
	}
	defer func() { _ = root.Close() }()
	f, err := root.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reference %q in --secrets_dir: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reference %q in --secrets_dir: %w", path, err)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("reference %q: want a secret of at most %d bytes", path, MaxSize)
	}
	return data, nil
}
