package fetcher

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// ErrNoXZ is wrapped when an archive needs a program that is not there.
var ErrNoXZ = errors.New("unpacking it needs the program xz in the agent's PATH")

// xz has the program of that name unpack f for use.
func xz(ctx context.Context, f *os.File, use func(io.Reader) error) error {
	program, err := exec.LookPath("xz")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoXZ, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "--decompress", "--stdout", "--memlimit-decompress=512MiB")
	cmd.Stdin, cmd.Stderr = f, &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	useErr := use(out)
	if useErr == nil {
		// The tape archive may end before the stream does; xz must not die
		// of a closed pipe.
		const padding = 64 << 20
		_, useErr = io.Copy(io.Discard, io.LimitReader(out, padding))
	}
	if useErr != nil && !torn(useErr) {
		cancel()
		_ = cmd.Wait() // killed
		return useErr
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("xz: %w: %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	return useErr
}

// torn tells errors that come from a stream that ended too early: there xz
// knows better why.
func torn(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrHeader)
}
