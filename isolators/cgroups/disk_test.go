package cgroups

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every disk of the machine is its own, and that of each of its parts.
func TestDiskOf(t *testing.T) {
	disks, err := filepath.Glob("/sys/block/*/dev")
	if err != nil || len(disks) == 0 {
		t.Skip("no disks: ", err)
	}
	for _, at := range disks {
		name := filepath.Base(filepath.Dir(at))
		number, err := os.ReadFile(at)
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := strings.Cut(string(number), "\n")
		parts, _ := filepath.Glob("/sys/block/" + name + "/" + name + "*")
		for _, node := range append(parts, name) {
			node = "/dev/" + filepath.Base(node)
			if _, err := os.Stat(node); err != nil {
				continue // a node of a disk that has gone, or that is elsewhere
			}
			major, minor, err := DiskOf(node)
			if got := fmt.Sprintf("%d:%d", major, minor); err != nil || got != want {
				t.Errorf("%s: got %s, %v, want %s", node, got, err, want)
			}
		}
		var major, minor uint32
		if _, err := fmt.Sscanf(want, "%d:%d", &major, &minor); err != nil {
			t.Fatal(err)
		}
		if got, err := DiskNode(major, minor); err != nil || got != "/dev/"+strings.ReplaceAll(name, "!", "/") {
			t.Errorf("node of %s: got %s, %v, want /dev/%s", want, got, err, name)
		}
	}
	for _, none := range []string{"/proc", "/dev/null", "/nothing/there"} {
		if major, minor, err := DiskOf(none); err == nil || !strings.Contains(err.Error(), none) {
			t.Errorf("%s: got %d:%d, %v, want an error that names it", none, major, minor, err)
		}
	}
}
