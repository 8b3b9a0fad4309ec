package shimv2

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Order is what mesos-oci is told of a container. It is in the container's directory,
// the bundle, with the config.json.
type Order struct {
	Program string  `json:"program"` // path of the shim
	ID      string  `json:"id"`
	Dir     string  `json:"dir"` // the bundle; its last part is the ID
	TTY     bool    `json:"tty,omitempty"`
	Options Options `json:"options"`
}

// Options are a message that one kind of shims takes; the zero value is none.
type Options struct {
	Kind  string `json:"kind,omitempty"`
	Value []byte `json:"value,omitempty"`
}

// Runc are options for shims of runc: the directory in which it keeps its state, and
// the path of the program, "" for the one that the shim knows.
func Runc(root, program string) Options {
	return Options{"containerd.runc.v1.Options", appendString(appendString(nil, 6, program), 7, root)}
}

// Configured are options of all shims that take a file of their settings: Kata's.
func Configured(file string) Options {
	return Options{"runtimeoptions.v1.Options", appendString(nil, 2, file)}
}

// Session is what mesos-oci is told of something to execute in a container.
type Session struct {
	ID      string          `json:"id"`
	Process json.RawMessage `json:"process"` // of the OCI runtime specification
	TTY     bool            `json:"tty,omitempty"`
}

// address is where a shim is reached, as it says when it is started.
type address struct {
	Version  int    `json:"version"`
	Address  string `json:"address"`
	Protocol string `json:"protocol"`
}

// parseAddress reads what a shim prints: in version 2 the mere address.
func parseAddress(text string) (address, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") {
		return address{2, text, "ttrpc"}, nil
	}
	var a address
	err := json.Unmarshal([]byte(text), &a)
	return a, err
}

const (
	orderName   = "shimv2.json"
	addressName = "shimv2.address"
	failedName  = "failed"
	logName     = "log" // shims know this name
)

// Write leaves the Order in the bundle.
func (o *Order) Write() error { return writeJSON(filepath.Join(o.Dir, orderName), o) }

// Write leaves a Session in a file, for its owner alone: it may have secrets.
func (s *Session) Write(file string) error { return writeJSON(file, s) }

func writeJSON(file string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func readJSON(file string, v any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func readOrder(dir string) (*Order, error) {
	o := &Order{}
	return o, readJSON(filepath.Join(dir, orderName), o)
}

// fail writes down why a container ended that did not end by itself.
func (o *Order) fail(err error) {
	_ = os.WriteFile(filepath.Join(o.Dir, failedName), []byte(err.Error()), 0o600) // else the status says that it failed
}

// Failure is why the container of a bundle ended although it did not by itself; "" if
// that is not so.
func Failure(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, failedName))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return string(text)
}
