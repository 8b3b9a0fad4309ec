package shimv2

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// namespace is what containerd would call those whose containers these are.
const namespace = "mesos"

// startTime bounds how long a shim may take to start, and to make a container: one
// that starts a machine for it takes its time.
const startTime = 2 * time.Minute

// Publish is the word by which a shim calls mesos-oci to hand on an event.
const Publish = "publish"

// command is the shim's program. What it would tell a containerd nobody needs:
// there is no address for it, and mesos-oci takes what it is handed.
func (o *Order) command(ctx context.Context, action string) (*exec.Cmd, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, o.Program, "-namespace", namespace, "-id", o.ID, "-address", filepath.Join(o.Dir, "events"), "-publish-binary", own, "-bundle", o.Dir, action)
	cmd.Dir = o.Dir
	return cmd, nil
}

// start starts the shim, writes down where it is reached and connects to it.
func (o *Order) start(ctx context.Context) (*client, error) {
	ctx, end := context.WithTimeout(ctx, startTime)
	defer end()
	cmd, err := o.command(ctx, "start")
	if err != nil {
		return nil, err
	}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("start: %w: %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	a, err := parseAddress(string(out))
	if err != nil {
		return nil, fmt.Errorf("what it says at its start: %w: %q", err, out)
	}
	if err := writeJSON(filepath.Join(o.Dir, addressName), a); err != nil {
		return nil, fmt.Errorf("address of the shim: %w", err)
	}
	return dial(ctx, a, o.ID, "")
}
