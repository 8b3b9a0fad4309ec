package hosts

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What names of ours begin with: of interfaces, and of cgroups, which go on with the
// name of the run's directory.
const (
	switchPrefix = "mhsw"
	cgroupPrefix = "mesos-hosts-"
)

// cgroupName is the name of the cgroups of the run that has that directory.
func cgroupName(dir string) string { return cgroupPrefix + filepath.Base(dir) }

// cleaned waits until nothing is left, which the kernel may take its time for, or
// says what stays.
func cleaned(dir string) (left []string) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if left = leftovers(dir); left == nil {
			return nil
		}
	}
	return left
}

// leftovers is what the tests would have to answer for on this machine after the
// last of their processes has ended: interfaces, loop devices, cgroups.
func leftovers(dir string) (out []string) {
	interfaces, err := net.Interfaces()
	if err != nil {
		out = append(out, err.Error())
	}
	for _, i := range interfaces {
		if strings.HasPrefix(i.Name, switchPrefix) {
			out = append(out, "interface "+i.Name)
		}
	}
	files, _ := filepath.Glob("/sys/block/loop*/loop/backing_file") // the pattern is right
	for _, f := range files {
		if text, _ := os.ReadFile(f); strings.HasPrefix(string(text), dir) { // it may be gone
			out = append(out, fmt.Sprintf("loop device of %s", text))
		}
	}
	for _, g := range groups(dir) {
		out = append(out, "cgroup "+g)
	}
	return out
}

// groups are the cgroups of the run that has that directory.
func groups(dir string) []string {
	out, _ := filepath.Glob("/sys/fs/cgroup/*/" + cgroupName(dir)) // the pattern is right
	return out
}

// removeGroups removes them. Nobody is in them any more.
func removeGroups(dir string) {
	for _, g := range groups(dir) {
		_ = os.Remove(g) // what stays is told as left behind
	}
}
