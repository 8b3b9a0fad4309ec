package proctree

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// Marked gives, for each mark (an environment entry, "NAME=value"), the
// processes that were started with it. What is just in exec is looked at again
// until it has an environment, for up to a second.
func Marked(marks []string) map[string][]int {
	needles := make([][]byte, len(marks))
	for i, m := range marks {
		needles[i] = []byte("\x00" + m + "\x00")
	}
	found := make(map[string][]int)
	eachEnvironment(func(pid int, env []byte) {
		for i, n := range needles {
			if bytes.Contains(env, n) {
				found[marks[i]] = append(found[marks[i]], pid)
			}
		}
	})
	return found
}

// MarkedBelow gives the processes that were started with the variable name
// set to a path below dir, by that path.
func MarkedBelow(name, dir string) map[string][]int {
	needle := []byte("\x00" + name + "=" + strings.TrimSuffix(dir, "/") + "/")
	found := make(map[string][]int)
	eachEnvironment(func(pid int, env []byte) {
		if i := bytes.Index(env, needle); i >= 0 {
			path, _, _ := bytes.Cut(env[i+len(name)+2:], []byte{0})
			found[string(path)] = append(found[string(path)], pid)
		}
	})
	return found
}

// eachEnvironment calls f for every process that has an environment, which f
// may only look at: NUL stands before and after every entry.
func eachEnvironment(f func(pid int, env []byte)) {
	var r reader
	todo := pids()
	for pause := 100 * time.Microsecond; ; pause *= 2 {
		var again []int
		for _, pid := range todo {
			env, ok := r.environ(pid)
			if len(env) > 0 {
				f(pid, env)
			}
			if !ok {
				again = append(again, pid)
			}
		}
		if len(again) == 0 || pause > time.Second/2 {
			return
		}
		todo = again
		time.Sleep(pause)
	}
}

// reader reads environments into one buffer, used again and again.
type reader struct{ buf []byte }

// environ gives a process's environment, with NUL before and after every
// entry, valid until the next call. It is empty for processes that are gone,
// dead, the kernel's, or not ours to read; ok is false if it is empty only for
// now.
func (r *reader) environ(pid int) (env []byte, ok bool) {
	n, err := r.read("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return nil, true
	}
	if n == 0 {
		return nil, bare(pid)
	}
	return append(r.buf[:1+n], 0), true
}

// read fills the buffer from its second byte on, by one read(2): between two
// the process may execute another file, and the second would find nothing.
func (r *reader) read(path string) (int, error) {
	if len(r.buf) == 0 {
		r.buf = make([]byte, 64<<10)
	}
	for {
		f, err := os.Open(path)
		if err != nil {
			return 0, err
		}
		space := r.buf[1 : len(r.buf)-1]
		n, err := f.Read(space)
		f.Close()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil || n < len(space) {
			return n, err
		}
		r.buf = make([]byte, 2*len(r.buf))
	}
}
