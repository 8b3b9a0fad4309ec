package cgroups

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// DiskOf is the number of the disk that a path is on, or is a node of. It is the whole disk: what bounds the access to
// disks is for no part of one.
func DiskOf(path string) (major, minor uint32, err error) {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return 0, 0, fmt.Errorf("disk of %s: %w", path, err)
	}
	number := s.Dev
	if s.Mode&unix.S_IFMT == unix.S_IFBLK {
		number = s.Rdev
	}
	at := fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(number), unix.Minor(number))
	if _, err := os.Stat(at); err != nil {
		return 0, 0, fmt.Errorf("disk of %s: it is on none that can be bounded: name the node of one, like /dev/sda", path)
	}
	if _, err := os.Stat(at + "/partition"); err == nil {
		at += "/.." // of where the link leads
	}
	text, err := os.ReadFile(at + "/dev")
	if err != nil {
		return 0, 0, fmt.Errorf("disk of %s: %w", path, err)
	}
	if _, err := fmt.Sscanf(string(text), "%d:%d", &major, &minor); err != nil {
		return 0, 0, fmt.Errorf("disk of %s: %w", path, err)
	}
	return major, minor, nil
}

// DiskNode is the path of a disk's node below /dev.
func DiskNode(major, minor uint32) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/sys/dev/block/%d:%d/uevent", major, minor))
	if err != nil {
		return "", fmt.Errorf("node of disk %d:%d: %w", major, minor, err)
	}
	for line := range strings.Lines(string(text)) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "DEVNAME="); is {
			return "/dev/" + name, nil
		}
	}
	return "", fmt.Errorf("node of disk %d:%d: the kernel tells no name", major, minor)
}
