package boot

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Hook is a program of the machine that changes a container's root before that is
// anybody's "/": what an OCI runtime calls createContainer. It runs as the machine's
// root, in the namespaces of the container, when all mounts are made; the machine's
// files are where they always are.
type Hook struct {
	Path    string   // of the program, on the machine
	Argv    []string // argv[0] first
	Env     []string // complete
	Seconds int      // after which it is killed; 0: never
}

// hooks runs them, one after the other. The first that fails is the last.
func hooks(l *Launch) error {
	for _, h := range l.Hooks {
		if err := h.run(l.State); err != nil {
			return err
		}
	}
	return nil
}

// run runs one to its end. It finds the container's state on its standard input.
func (h Hook) run(state string) error {
	what := "hook " + h.Path
	in, err := memory("state", strings.TrimSuffix(state, "}")+`,"pid":`+strconv.Itoa(os.Getpid())+"}")
	if err != nil {
		return fail(what, err)
	}
	defer in.Close()
	out, err := memory("output", "")
	if err != nil {
		return fail(what, err)
	}
	defer out.Close()
	pid, err := syscall.ForkExec(h.Path, h.Argv, &syscall.ProcAttr{
		Dir: "/", Env: h.Env, Files: []uintptr{in.Fd(), out.Fd(), out.Fd()}, Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return fail(what, err)
	}
	if h.Seconds > 0 {
		late := time.AfterFunc(time.Duration(h.Seconds)*time.Second, func() { _ = unix.Kill(-pid, unix.SIGKILL) }) // its session is its group
		defer late.Stop()
	}
	ws := reap(pid)
	if ws.Exited() && ws.ExitStatus() == 0 {
		return nil
	}
	return &Error{What: what + ": " + ending(ws, h.Seconds) + lastWords(out)}
}

// ending says how a process ended that should have ended well.
func ending(ws syscall.WaitStatus, seconds int) string {
	if !ws.Signaled() {
		return fmt.Sprintf("exit status %d", ws.ExitStatus())
	}
	text := "killed by " + ws.Signal().String()
	if seconds > 0 {
		text += fmt.Sprintf(" (it may take %d s)", seconds)
	}
	return text
}

// lastWords are the end of what a hook has written.
func lastWords(out *os.File) string {
	const most = 500
	size, err := out.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return ""
	}
	text := make([]byte, min(size, most))
	n, _ := out.ReadAt(text, size-int64(len(text)))
	return ": " + strings.TrimSpace(string(text[:n]))
}

// memory is a file of that text, which is nowhere.
func memory(name, text string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
