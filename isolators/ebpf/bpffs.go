package ebpf

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators"
)

// ready makes a directory in a bpffs, which is mounted if it is not. The mount outlives the program, as what is in it does.
func ready(fs, dir string) error {
	mounted, err := isBPF(fs)
	if err != nil {
		return err
	}
	if !mounted {
		if err := unix.Mount("bpf", fs, "bpf", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0700"); err != nil {
			return &isolators.MissingError{Feature: "bpffs at " + fs, Needs: "a kernel with CONFIG_BPF_SYSCALL, and the right to mount it", Err: err}
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("directory for pins: %w", err)
	}
	return nil
}

func isBPF(path string) (bool, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return false, &isolators.MissingError{Feature: "bpffs at " + path, Needs: "that directory, where sysfs has it in kernels with CONFIG_BPF_SYSCALL", Err: err}
	}
	return s.Type == unix.BPF_FS_MAGIC, nil
}

// unpin removes what is pinned in a directory of a bpffs, and the directory: a link that nobody else holds is over with it.
// What is not there is removed already.
func unpin(dir string) error {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("pins: %w", err)
	}
	for _, e := range entries {
		// Programs go before maps, so that none counts into a map that is no longer found.
		if strings.Contains(e.Name(), versioned) {
			if err := os.Remove(dir + "/" + e.Name()); err != nil {
				return fmt.Errorf("pinned link: %w", err)
			}
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("pins: %w", err)
	}
	return nil
}
