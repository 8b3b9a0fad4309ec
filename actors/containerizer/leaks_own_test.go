package containerizer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// over wants that nothing is left of a container which has ended, before anybody else cleans up. It tells of the first of
// which something stays: with the others, what stays may be the same.
func (l *leaks) over(id, what string) {
	l.mu.Lock()
	told := l.first != ""
	l.mu.Unlock()
	if told {
		return
	}
	var left []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // sandboxes become plain directories
		if left = l.remains(id); len(left) == 0 {
			return
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == "" {
		l.first = id
		l.t.Errorf("container %s, %s: after its cleanup got\n%s", id, what, strings.Join(left, "\n"))
	}
}

// remains are what there is of a container and of those nested in it, by its name: mounts, files, pins, cgroups, addresses
// and interfaces.
func (l *leaks) remains(id string) (out []string) {
	its := func(name string) bool { return name == id || strings.HasPrefix(name, id+".") }
	in := func(path string) bool { return slices.ContainsFunc(strings.Split(path, "/"), its) }
	for line := range strings.Lines(read(l.t, "/proc/self/mountinfo")) {
		if f := strings.Fields(line); in(f[3]) || in(f[4]) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	for _, pin := range pinned(l.t, l.pins) {
		if in(pin) {
			out = append(out, "pin "+pin)
		}
	}
	root, _ := rootsOf.Load(l.t.Name())
	for _, kept := range []string{filepath.Join(l.dir, "networks/*"), filepath.Join(l.dir, "loops/*"), filepath.Join("/sys/fs/cgroup", root.(string), "*"), filepath.Join("/sys/fs/cgroup/*", root.(string), "*")} {
		files, err := filepath.Glob(kept)
		if err != nil {
			l.t.Error(err)
		}
		for _, f := range files {
			if its(filepath.Base(f)) {
				out = append(out, f)
			}
		}
	}
	if file := l.claim(its); file != "" {
		out = append(out, file)
	}
	if name := l.port(id); name != "" {
		out = append(out, "interface "+name)
	}
	return out
}

// claim is the file by which a container has an address, "" if it has none.
func (l *leaks) claim(its func(id string) bool) string {
	files, err := filepath.Glob(filepath.Join(l.dir, "addresses/*/address-*"))
	if err != nil {
		l.t.Error(err)
	}
	for _, f := range files {
		var c struct{ Container string }
		text, err := os.ReadFile(f)
		if err == nil && json.Unmarshal(text, &c) == nil && its(c.Container) { // others come and go
			return f
		}
	}
	return ""
}

// port is the machine's end of a container's interface, "" if there is none. Its name is made as package network
// makes it: the run wants to have seen some.
func (l *leaks) port(id string) string {
	sum := sha256.Sum256([]byte(filepath.Join(l.dir, "networks") + "\n" + id + "\neth0"))
	name := "ms" + hex.EncodeToString(sum[:6])
	if _, err := net.InterfaceByName(name); err != nil {
		return ""
	}
	return name
}
