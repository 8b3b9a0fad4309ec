package shimv2

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// forgotten says that nothing of the container is left.
func (o *Order) forgotten() error {
	o.removeSocket()
	return os.Remove(filepath.Join(o.Dir, orderName))
}

// removeSocket removes that of a shim that is dead, which could not.
func (o *Order) removeSocket() {
	at := address{}
	if readJSON(filepath.Join(o.Dir, addressName), &at) != nil {
		return // it was never told
	}
	if path, is := strings.CutPrefix(at.Address, "unix://"); is {
		_ = os.Remove(path) // a shim that has ended in peace has removed it
	}
}

// Forget removes what a shim has of the container of a bundle: one that lives, as its
// mesos-oci was killed, and what it has left if it was killed itself. A container that
// has ended in peace, or was never made, has nothing.
func Forget(ctx context.Context, dir string) error {
	o, err := readOrder(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if o.dismiss(ctx) == nil {
		return o.forgotten()
	}
	// One that answers to nobody would wait for a reader of its log.
	if err := os.Remove(filepath.Join(dir, logName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	cmd, err := o.command(ctx, "delete")
	if err != nil {
		return err
	}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(complaint.Bytes()))
	}
	return o.forgotten()
}

// dismiss has a shim that lives end its container, and itself.
func (o *Order) dismiss(ctx context.Context) error {
	at := address{}
	if err := readJSON(filepath.Join(o.Dir, addressName), &at); err != nil {
		return err
	}
	c, err := dial(ctx, at, o.ID, "")
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.kill(ctx, syscall.SIGKILL, true); err != nil {
		var refused *RefusedError
		if !errors.As(err, &refused) { // else it is dead, or was never made
			return err
		}
	}
	if _, err := c.wait(ctx); err != nil {
		return err
	}
	return errors.Join(c.delete(ctx), c.shutdown(ctx))
}
