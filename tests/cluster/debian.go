package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Debian installs packages of Debian that a test found missing. Where that may not be done, skip says why.
func Debian(packages ...string) (skip string, err error) {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return "the Debian packages " + strings.Join(packages, ", ") + " are needed, and only root on Debian can install them", nil
	}
	run := func(args ...string) ([]byte, error) {
		c := exec.Command(apt, append([]string{"-q", "-o", "DPkg::Lock::Timeout=300"}, args...)...)
		c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		return c.CombinedOutput()
	}
	install := append([]string{"install", "-y", "--no-install-recommends"}, packages...)
	if _, err := run(install...); err == nil {
		return "", nil
	}
	if out, err := run("update"); err != nil { // a fresh machine has no lists
		return "", fmt.Errorf("apt-get update: %w\n%s", err, out)
	}
	if out, err := run(install...); err != nil {
		return "", fmt.Errorf("apt-get install: %w\n%s", err, out)
	}
	return "", nil
}
