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

// ErrNoProgram is wrapped when an archive needs a program that is not there.
var ErrNoProgram = errors.New("unpacking it needs a program in the agent's PATH")

// unpackProgram is a program that reads packed bytes and writes them unpacked.
type unpackProgram struct {
	name string
	args []string
}

// Go's library reads neither format; both programs are part of every system
// and bound their memory.
var (
	xzProgram   = unpackProgram{"xz", []string{"--decompress", "--stdout", "--memlimit-decompress=512MiB"}}
	zstdProgram = unpackProgram{"zstd", []string{"--decompress", "--stdout", "--quiet", "--memory=512MB"}}
)

// unpack has the program unpack f for use.
func (p unpackProgram) unpack(ctx context.Context, f *os.File, use func(io.Reader) error) error {
	program, err := exec.LookPath(p.name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoProgram, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, program, p.args...)
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
		// The tape archive may end before the stream does; the program must not die
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
		return fmt.Errorf("%s: %w: %s", p.name, err, bytes.TrimSpace(complaint.Bytes()))
	}
	return useErr
}

// torn tells errors that come from a stream that ended too early: there the
// program knows better why.
func torn(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrHeader)
}
