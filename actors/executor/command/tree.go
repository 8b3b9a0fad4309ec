package command

import (
	"errors"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
	v1 "mesos/messages/mesos/v1"
)

// Tree is the real Processes: all that descends from this program. That holds
// even for what daemonizes, because Linux hands orphans to the nearest
// ancestor that asked for them.
type Tree struct {
	dispatch func(func())
	https    string // path of mesos-probe
	log      *slog.Logger
	busy     sync.WaitGroup
	main     int // the command's process; 0 before Start
	sides    sides
}

var _ Processes = (*Tree)(nil)

// NewTree makes this program the one that orphans go to. Start and Probe must
// be called on a thread that lives as long as the program. https is the path of
// mesos-probe, which is started for each HTTPS probe.
func NewTree(dispatch func(func()), https string, log *slog.Logger) *Tree {
	const setChildSubreaper = 36
	if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); e != 0 {
		log.Warn("orphans of the task may escape: prctl(PR_SET_CHILD_SUBREAPER)", "error", e)
	}
	return &Tree{dispatch: dispatch, https: https, log: log}
}

// Start implements Processes. The command gets this program's environment, the
// task's on top, and its standard output and error.
func (t *Tree) Start(task *v1.TaskInfo, ended func(syscall.WaitStatus)) error {
	spec, err := specFor(task, task.GetCommand(), os.Environ())
	if err != nil {
		return err
	}
	spec.Foreground = launch.IsTerminal(0) // it is the task's: this program reads nothing
	p, err := launch.Start(spec)
	if err != nil {
		return err
	}
	_ = syscall.Close(p.PIDFD) // -1 where the kernel has none
	t.main = p.PID
	t.busy.Go(func() {
		ws := t.reap(p.PID)
		t.dispatch(func() { ended(ws) })
	})
	return nil
}

// specFor works out what to start: the task's command, or one that checks it
// and so runs as the task does.
func specFor(task *v1.TaskInfo, c *v1.CommandInfo, environ []string) (spec launch.Spec, err error) {
	image, err := launch.ImageFrom(environ)
	if err != nil {
		return spec, err
	}
	if environ, err = launch.Environ(base(task, environ), task.GetCommand().GetEnvironment()); err != nil {
		return spec, err
	}
	if c != task.GetCommand() {
		if environ, err = launch.Environ(environ, c.GetEnvironment()); err != nil {
			return spec, err
		}
	}
	spec = launch.Spec{Env: environ, Files: [3]uintptr{0, 1, 2}, DieWithParent: true}
	dir, err := os.Getwd()
	if err != nil {
		return spec, err
	}
	if image != nil {
		return inImage(image, spec, c, dir)
	}
	if spec.File, spec.Argv, err = launch.Argv(c, environ, dir); err != nil {
		return spec, err
	}
	if os.Geteuid() == 0 {
		spec.Account, err = launch.LookupAccount(task.GetCommand().GetUser())
	}
	return spec, err
}

// inImage completes what to start where this program runs in the task's image. It
// is the task's user already, unless the image names one.
func inImage(image *launch.Image, spec launch.Spec, c *v1.CommandInfo, dir string) (launch.Spec, error) {
	c, err := image.Command(c)
	if err != nil {
		return spec, err
	}
	if image.WorkingDir != "" {
		dir, spec.Dir = image.WorkingDir, image.WorkingDir
	}
	if u := image.User; u != nil {
		spec.Account = &launch.Account{Name: strconv.Itoa(int(u.UID)), UID: u.UID, GID: u.GID}
	}
	spec.File, spec.Argv, err = launch.Argv(c, spec.Env, dir)
	return spec, err
}

// base is this program's environment without what is for it alone, and with
// the role whose resources the task uses.
func base(task *v1.TaskInfo, environ []string) []string {
	var env []string
	for _, v := range environ {
		if !strings.HasPrefix(v, "MESOS_EXECUTOR_AUTHENTICATION_TOKEN=") && !strings.HasPrefix(v, launch.ImageVariable+"=") {
			env = append(env, v)
		}
	}
	for _, r := range task.GetResources() {
		if role := r.GetAllocationInfo().GetRole(); role != "" {
			return append(env, "MESOS_ALLOCATION_ROLE="+role)
		}
	}
	return env
}

// patience bounds the wait for killed processes to die; only one stuck in the
// kernel takes longer.
const patience = 10 * time.Second

// reap waits for the command, kills what it left, and reaps all.
func (t *Tree) reap(main int) (status syscall.WaitStatus) {
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, 0, nil)
		if pid == main {
			status = ws
			break
		}
		t.sides.ended(pid, ws)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			t.log.Error("cannot wait for the command", "error", err)
			return ws
		}
	}
	t.sides.close()
	if len(below()) > 0 && !proctree.Kill(below, patience) {
		t.log.Error("processes of the task survive SIGKILL", "pids", below())
	}
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, syscall.WNOHANG, nil)
		if pid <= 0 && !errors.Is(err, syscall.EINTR) {
			return status
		}
		t.sides.ended(pid, ws)
	}
}

// over says whether the command has ended, at the very moment of its end.
func (t *Tree) over() bool { return t.sides.isClosed() || !proctree.Alive(t.main) }

// Terminate implements Processes.
func (t *Tree) Terminate() { proctree.Signal(below, syscall.SIGTERM) }

// Kill implements Processes.
func (t *Tree) Kill() {
	t.busy.Go(func() { proctree.Kill(below, patience) })
}

// Close kills what is left, and waits for it. Probes must have been cancelled.
func (t *Tree) Close() {
	t.sides.close()
	t.Kill()
	t.busy.Wait()
}

// below gives every process of the task.
func below() []int { return proctree.Descendants(os.Getpid()) }
