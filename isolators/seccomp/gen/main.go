// Command gen writes the numbers of system calls that package seccomp needs, from those of golang.org/x/sys/unix.
package main

import (
	"bytes"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// arches are those that profiles can name and that Mesos runs on, in the order of the columns.
var arches = []string{"amd64", "386", "arm64", "arm"}

// line of a number. Others of the file are no system calls.
var line = regexp.MustCompile(`(?m)^\tSYS_([A-Z0-9_]+)\s+= (\d+)$`)

// none are constants that stand among system calls and are none.
var none = []string{"syscall_mask", "oabi_syscall_base"}

// private are those that arm has outside of the common numbers, without which no program runs there.
var private = map[string]string{"breakpoint": "983041", "cacheflush": "983042", "usr26": "983043", "usr32": "983044", "set_tls": "983045", "get_tls": "983046"}

func main() {
	if err := write("syscalls.tsv"); err != nil {
		log.Fatal(err)
	}
}

func write(to string) error {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		return fmt.Errorf("place of golang.org/x/sys: %w", err)
	}
	numbers := make(map[string][]string) // name to the number on each
	for name, n := range private {
		numbers[name] = []string{"-", "-", "-", n}
	}
	for column, arch := range arches {
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_"+arch+".go"))
		if err != nil {
			return err
		}
		for _, m := range line.FindAllStringSubmatch(string(text), -1) {
			name := strings.ToLower(m[1])
			if slices.Contains(none, name) {
				continue
			}
			if numbers[name] == nil {
				numbers[name] = []string{"-", "-", "-", "-"}
			}
			numbers[name][column] = m[2]
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "# Made by go generate. Numbers of system calls.\n# name\t%s\n", strings.Join(arches, "\t"))
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		fmt.Fprintf(&out, "%s\t%s\n", name, strings.Join(numbers[name], "\t"))
	}
	return os.WriteFile(to, out.Bytes(), 0o644)
}
