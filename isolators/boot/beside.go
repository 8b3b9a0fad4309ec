package boot

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// plain says that the command needs nothing but a user that the kernel's own way
// from fork to exec could not give it. Then its process is made with the command
// at once; else it begins as this program, which takes as long as all the rest.
func plain(l *Launch) bool {
	return l.users < 0 && l.Capabilities == nil && len(l.Seccomp) == 0 && !l.NoNewPrivs && len(l.RLimits) == 0
}

// beside starts the command and remains as what reaps, as stay does.
func beside(l *Launch, answer *os.File) error {
	attr := &syscall.ProcAttr{Dir: ".", Env: l.Env, Files: []uintptr{0, 1, 2}, Sys: child()}
	if l.DieWithParent {
		attr.Sys.Pdeathsig = syscall.SIGKILL // this thread lives as long as the process
	}
	if u := l.User; u != nil {
		attr.Sys.Credential = credential(u)
	}
	pid := 0
	err := execute(l, func(file string) (err error) {
		pid, err = syscall.ForkExec(file, l.Argv, attr)
		return err
	})
	// Where processes that change their user may be read (fs.suid_dumpable), this
	// one was made readable by its child, with which it shares memory until exec.
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		return err
	}
	signals := listen()
	answer.Close() // the command runs
	go forward(signals, pid)
	exitBy(reap(pid))
	return nil
}

func credential(u *User) *syscall.Credential {
	c := &syscall.Credential{Uid: uint32(u.UID), Gid: uint32(u.GID)}
	for _, g := range u.Groups {
		c.Groups = append(c.Groups, uint32(g))
	}
	return c
}
