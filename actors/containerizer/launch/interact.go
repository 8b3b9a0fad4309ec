package launch

import (
	"context"
	"io"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// Interact joins this program's terminal, which is its standard input, with that of a
// container: every key goes there as it is typed, and so does the size. Input is left
// to the caller where to is nil. restore undoes what it did to the terminal.
func Interact(ctx context.Context, to io.Writer, resize func(rows, columns int)) (restore func()) {
	old, err := unix.IoctlGetTermios(0, unix.TCGETS)
	if err == nil {
		raw := *old
		raw.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
		raw.Oflag &^= unix.OPOST
		raw.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
		raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 1, 0
		err = unix.IoctlSetTermios(0, unix.TCSETS, &raw)
	}
	if to != nil {
		// The read ends with this program: nothing can wake it.
		go func() { _, _ = io.Copy(to, os.Stdin) }()
	}
	sizes := make(chan os.Signal, 1)
	signal.Notify(sizes, unix.SIGWINCH)
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if w, err := unix.IoctlGetWinsize(0, unix.TIOCGWINSZ); err == nil && w.Row > 0 {
				resize(int(w.Row), int(w.Col))
			}
			select {
			case <-sizes:
			case <-done:
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		signal.Stop(sizes)
		close(done)
		<-gone
		if err == nil {
			_ = unix.IoctlSetTermios(0, unix.TCSETS, old)
		}
	}
}
