// Command escape tries to get out of the container that it runs in, and says on
// its output what it could do. Nothing that it tries does harm if it succeeds.
//
//	escape SECRET PID COMMAND
//
// SECRET is a file of the machine that it must not read, PID the number that a
// process of another container has on the machine, COMMAND what that one runs.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

var (
	secret  string // "" where the container sees the machine's files
	victim  int
	command string
)

// attempt gives nil if it succeeded.
type attempt struct {
	name string
	try  func() error
}

var held = errors.New("held")

// The first thread is the one by which /proc/self tells of this program: it stays as it is.
func init() { runtime.LockOSThread() }

func main() {
	secret, command = os.Args[1], os.Args[3]
	victim, _ = strconv.Atoi(os.Args[2])
	for _, a := range attempts {
		if err := a.try(); err == nil {
			fmt.Println("ESCAPED:", a.name)
		}
	}
	fmt.Println("done", len(attempts))
}

var attempts = []attempt{
	{"read a file of the machine", func() error { return readSecret(secret) }},
	{"climb above the root", func() error { return readSecret(filepath.Join("/..", "..", "..", "..") + "/../../.." + secret) }},
	{"the root of the first process", func() error { return readSecret("/proc/1/root" + secret) }},
	{"a working directory outside", func() error { return readSecret("/proc/1/cwd/../../../../../.." + secret) }},
	{"a root within the root", chrootTwice},
	{"a file written on the machine", writeBeside},
	{"a file by its number", byHandle},
	{"a descriptor that was left", leftDescriptor},
	{"a process of another container in /proc", otherInProc},
	{"the memory of another container", func() error { return open(fmt.Sprintf("/proc/%d/mem", victim), unix.O_RDWR) }},
	{"a signal to another container", func() error { return notOurs(unix.Kill(victim, 0)) }},
	{"ptrace of another container", func() error { return notOurs(ptrace(victim)) }},
	{"ptrace of the first process", func() error { return ptrace(1) }},
	{"the memory of the first process", func() error { return first("/proc/1/mem", unix.O_RDWR) }},
	{"the program of the first process", func() error { return first("/proc/1/exe", unix.O_RDONLY) }},
	{"a change of the first process's program", changeFirst},
	{"the rights of the first process", rightsOfFirst},
	{"namespaces of another container", func() error { return enter(fmt.Sprintf("/proc/%d/ns/mnt", victim)) }},
	{"a node of the kernel's log", func() error { return node(unix.S_IFCHR, 1, 11) }},
	{"a node of the memory", func() error { return node(unix.S_IFCHR, 1, 1) }},
	{"a node of the disk", diskNode},
	{"mount", func() error { return unix.Mount("none", dir(), "tmpfs", 0, "") }},
	{"mount of cgroups", func() error { return unix.Mount("none", dir(), "cgroup2", 0, "") }},
	{"/sys made writable", func() error { return unix.Mount("", "/sys", "", unix.MS_REMOUNT|unix.MS_BIND, "") }},
	{"/proc/sys made writable", func() error { return unix.Mount("", "/proc/sys", "", unix.MS_REMOUNT|unix.MS_BIND, "") }},
	{"a masked path unmasked", func() error { return unix.Unmount("/proc/kcore", 0) }},
	{"a file system by the new calls", func() error { return closed(unix.Fsopen("tmpfs", 0)) }},
	{"a tree of mounts", func() error { return closed(unix.OpenTree(unix.AT_FDCWD, "/", unix.OPEN_TREE_CLONE)) }},
	{"namespaces of one's own", func() error { return unix.Unshare(unix.CLONE_NEWNS) }},
	{"a user namespace", func() error { return unix.Unshare(unix.CLONE_NEWUSER) }},
	{"a user namespace by clone", cloneUser},
	{"a module of the kernel", func() error { return refused(unix.InitModule([]byte("none"), "")) }},
	{"a keyring", func() error { _, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_USER_KEYRING, true); return err }},
	{"a key", func() error {
		_, err := unix.AddKey("user", "mesos-escape", []byte("x"), unix.KEY_SPEC_PROCESS_KEYRING)
		return err
	}},
	{"the names of keys", func() error { return content("/proc/keys") }},
	{"the kernel's memory", func() error { return content("/proc/kcore") }},
	{"a setting of the kernel", func() error { return open("/proc/sys/kernel/core_pattern", unix.O_WRONLY) }},
	{"the kernel's magic key", func() error { return open("/proc/sysrq-trigger", unix.O_WRONLY) }},
	{"settings of devices", func() error { return open("/sys/kernel/uevent_helper", unix.O_WRONLY) }},
	{"another cgroup", leaveCgroup},
	{"a program in the kernel", func() error { return call(unix.SYS_BPF, 0, 0, 0) }},
	{"the kernel's events", func() error { return call(unix.SYS_PERF_EVENT_OPEN, 0, 0, ^uintptr(0)) }},
	{"faults of the kernel", func() error { return call(unix.SYS_USERFAULTFD, ^uintptr(0), 0, 0) }},
	{"rings around the filter", func() error { return call(unix.SYS_IO_URING_SETUP, 0, 0, 0) }},
	{"the machine's clock", func() error { return refused(unix.ClockSettime(unix.CLOCK_REALTIME, &unix.Timespec{Nsec: -1})) }},
	{"swap", func() error { return call(unix.SYS_SWAPON, 0, 0, 0) }},
	{"the way back to all rights", func() error { return capabilities() }},
}

func readSecret(path string) error {
	if secret == "" {
		return held // the machine's files are there to see
	}
	_, err := os.ReadFile(path)
	return err
}

// writeBeside would leave a file beside the secret, by each way that could lead there.
func writeBeside() error {
	if secret == "" {
		return held
	}
	err := held
	for _, way := range []string{"", "/../../../../../..", "/proc/1/root", "/proc/1/cwd/../../../../../../.."} {
		var f *os.File
		if f, err = os.Create(way + secret + "-escaped"); err == nil {
			return f.Close()
		}
	}
	return err
}

func chrootTwice() error {
	d := dir()
	if err := unix.Chroot(d); err != nil {
		return err
	}
	for range 64 {
		_ = unix.Chdir("..")
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	return readSecret(secret)
}

// byHandle asks for the file system's own root, which has the number 2.
func byHandle() error {
	at, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	for _, n := range []byte{2, 128} {
		h := unix.NewFileHandle(1, []byte{n, 0, 0, 0, 0, 0, 0, 0})
		fd, err := unix.OpenByHandleAt(at, h, unix.O_RDONLY)
		if err == nil {
			unix.Close(fd)
			return nil
		}
		if errors.Is(err, unix.ESTALE) || errors.Is(err, unix.EINVAL) { // it was looked for
			return nil
		}
	}
	return held
}

// leftDescriptor looks at what this process was given beyond its three, and what of it is its own.
func leftDescriptor() error {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, e := range list {
		n, _ := strconv.Atoi(e.Name())
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		switch {
		case n <= 2 || err != nil: // standard streams, and what read the list
		case strings.Contains(to, "eventpoll") || strings.Contains(to, "eventfd") || strings.HasPrefix(to, "/proc/"): // of this program's own
		default:
			fmt.Println("descriptor", n, to)
			return nil
		}
	}
	return held
}

func otherInProc() error {
	lists, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return err
	}
	for _, l := range lists {
		if text, err := os.ReadFile(l); err == nil && string(bytes.ReplaceAll(bytes.TrimRight(text, "\x00"), []byte{0}, []byte{' '})) == command {
			return nil
		}
	}
	return held
}

// notOurs tells success only if the number means the other's process here: in a
// namespace of its own a container may have one of the same number.
func notOurs(err error) error {
	if err != nil {
		return err
	}
	return otherInProc()
}

func ptrace(pid int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.PtraceAttach(pid); err != nil {
		return err
	}
	_, _ = unix.Wait4(pid, nil, unix.WALL, nil)
	_ = unix.PtraceDetach(pid)
	return nil
}

// first is about the process that the container began with, if that is not this one.
func first(path string, flags int) error {
	if os.Getpid() == 1 {
		return held
	}
	return open(path, flags)
}

// changeFirst would change the file that starts all containers, in a moment when none is starting.
func changeFirst() error {
	if os.Getpid() == 1 {
		return held
	}
	return unix.Access("/proc/1/exe", unix.W_OK) // open would only say that it is busy
}

// rightsOfFirst looks for more than it has itself where it can take it.
func rightsOfFirst() error {
	if err := first("/proc/1/mem", unix.O_RDWR); err != nil {
		return err
	}
	for _, name := range []string{"CapPrm", "CapEff", "CapBnd", "Seccomp", "NoNewPrivs", "Uid"} {
		if mine, its := status("self", name), status("1", name); mine == "" || mine != its {
			fmt.Println(name, mine, its)
			return nil
		}
	}
	return held
}

func status(pid, name string) string {
	text, _ := os.ReadFile("/proc/" + pid + "/status")
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, name+":"); is {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

func open(path string, flags int) error { return closed(unix.Open(path, flags|unix.O_CLOEXEC, 0)) }

func closed(fd int, err error) error {
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// content wants more than nothing from a file: masked ones are empty.
func content(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Read(make([]byte, 1))
	return err
}

func enter(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	done := make(chan error)
	go func() {
		runtime.LockOSThread()          // and so the thread ends with the goroutine, wherever it is then
		_ = unix.Unshare(unix.CLONE_FS) // which entering mounts takes; a filter may know why it must not be
		done <- notOurs(unix.Setns(fd, 0))
	}()
	return <-done
}

func dir() string {
	d, err := os.MkdirTemp(".", "d")
	if err != nil {
		return "."
	}
	return d
}

// node makes one and opens it.
func node(kind uint32, major, minor uint32) error {
	path := filepath.Join(dir(), "node")
	if err := unix.Mknod(path, kind|0o666, int(unix.Mkdev(major, minor))); err != nil {
		return err
	}
	return open(path, unix.O_RDONLY)
}

// diskNode is one of the machine's disks.
func diskNode() error {
	text, err := os.ReadFile("/proc/partitions")
	if err != nil {
		return err
	}
	var major, minor uint32
	for line := range strings.Lines(string(text)) {
		if n, _ := fmt.Sscan(line, &major, &minor); n == 2 {
			if err := node(unix.S_IFBLK, major, minor); err == nil {
				return nil
			}
		}
	}
	return node(unix.S_IFBLK, 7, 0) // the first loop device: the machine itself may be kept from its disk
}

func cloneUser() error {
	pid, _, e := syscall.RawSyscall6(syscall.SYS_CLONE, unix.CLONE_NEWUSER|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if e != 0 {
		return e
	}
	if pid == 0 {
		syscall.RawSyscall(syscall.SYS_EXIT, 0, 0, 0)
	}
	_, _ = unix.Wait4(int(pid), nil, 0, nil)
	return nil
}

// refused tells success also where only the input was wrong: the right was there.
func refused(err error) error {
	for _, no := range []error{unix.EPERM, unix.EACCES, unix.ENOSYS} {
		if errors.Is(err, no) {
			return err
		}
	}
	return nil
}

func call(trap, a, b, c uintptr) error {
	_, _, e := unix.Syscall6(trap, a, b, c, ^uintptr(0), 0, 0)
	if e == 0 {
		return nil
	}
	return refused(e)
}

func leaveCgroup() error {
	lists, err := filepath.Glob("/sys/fs/cgroup/*/cgroup.procs")
	if err != nil {
		return err
	}
	for _, l := range append(lists, "/sys/fs/cgroup/cgroup.procs") {
		if open(l, unix.O_WRONLY) == nil {
			return nil
		}
	}
	return held
}

// capabilities asks for all of them.
func capabilities() error {
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	all := [2]unix.CapUserData{{Effective: ^uint32(0), Permitted: ^uint32(0)}, {Effective: 1<<9 - 1, Permitted: 1<<9 - 1}}
	_, _, e := unix.Syscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&h)), uintptr(unsafe.Pointer(&all)), 0)
	if e != 0 {
		return e
	}
	return nil
}
