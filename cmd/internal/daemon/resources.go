package daemon

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"mesos/messages/resources"
)

// AgentResources reads --resources and adds what it leaves out of cpus, mem,
// disk and ports from the machine: all cpus, memory and disk less a reserve
// for the system (half, at most 1 GB of memory and 5 GB of disk), and the ports
// 31000 to 32000.
func AgentResources(text, defaultRole, workDir string) (resources.Resources, error) {
	given, err := resources.Parse(text, defaultRole)
	if err != nil {
		return given, err
	}
	named := map[string]bool{}
	for r := range given.All() {
		named[r.Name()] = true
	}
	for name := range zeroNames(text) {
		named[name] = true // "cpus:0" asks for none, not for the machine's
	}
	var found []string
	detect := func(name string, amount func() (string, error)) error {
		if named[name] {
			return nil
		}
		v, err := amount()
		if err != nil {
			return fmt.Errorf("%s of this machine: %w: name it in --resources", name, err)
		}
		found = append(found, name+":"+v)
		return nil
	}
	for _, d := range []struct {
		name   string
		amount func() (string, error)
	}{
		{"cpus", func() (string, error) { return strconv.Itoa(runtime.NumCPU()), nil }},
		{"mem", func() (string, error) { return lessReserve(memoryMB, 1024) }},
		{"disk", func() (string, error) { return lessReserve(func() (int, error) { return diskMB(workDir) }, 5*1024) }},
		{"ports", func() (string, error) { return "[31000-32000]", nil }},
	} {
		if err := detect(d.name, d.amount); err != nil {
			return given, err
		}
	}
	own, err := resources.Parse(strings.Join(found, ";"), defaultRole)
	if err != nil {
		return given, err
	}
	return given.Add(own), nil
}

// zeroNames returns the names that the text form mentions, whatever their amount.
func zeroNames(text string) map[string]bool {
	names := map[string]bool{}
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		return names // JSON: zero amounts mean nothing there
	}
	for _, part := range strings.Split(text, ";") {
		name, _, _ := strings.Cut(part, ":")
		name, _, _ = strings.Cut(name, "(")
		names[strings.TrimSpace(name)] = true
	}
	return names
}

func lessReserve(total func() (int, error), reserve int) (string, error) {
	n, err := total()
	if err != nil {
		return "", err
	}
	return strconv.Itoa(n - min(n/2, reserve)), nil
}

func memoryMB() (int, error) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "MemTotal:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("/proc/meminfo has no MemTotal")
}

func diskMB(dir string) (int, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("flag --work_dir: %w", err)
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int(s.Blocks * uint64(s.Bsize) >> 20), nil
}
