package vm

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// packages are what a test machine consists of, with what they depend on.
var packages = []string{
	"systemd-sysv", "dbus", "usr-is-merged", "base-files", "base-passwd", "bash", "bsdutils", "coreutils", "dash",
	"debianutils", "diffutils", "dpkg", "findutils", "grep", "gzip", "hostname", "init-system-helpers", "iproute2",
	"kmod", "libc-bin", "login", "mount", "passwd", "perl-base", "procps", "sed", "tar", "util-linux",
}

// download brings packages and all that they depend on, as if nothing was installed, and returns their files.
func download(dir string) ([]string, error) {
	archives := filepath.Join(dir, "archives")
	if err := os.MkdirAll(filepath.Join(archives, "partial"), 0o755); err != nil {
		return nil, fmt.Errorf("folder of packages: %w", err)
	}
	status := filepath.Join(dir, "status")
	if err := os.WriteFile(status, nil, 0o644); err != nil {
		return nil, fmt.Errorf("status of packages: %w", err)
	}
	options := []string{"-q", "-y", "--no-install-recommends", "--download-only",
		"-o", "Dir::State::status=" + status, "-o", "Dir::Cache::archives=" + archives, "-o", "Debug::NoLocking=1",
		"-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2", "install"}
	if err := withUpdate(func() error { return quiet(dir, "apt-get", append(options, packages...)...) }); err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(archives, "*.deb"))
}

var kernelName = regexp.MustCompile(`linux-image-\d[\w.-]*`)

// downloadKernel brings the package of the newest kernel for virtual machines.
func downloadKernel(dir string) (string, error) {
	err := withUpdate(func() error {
		out, err := exec.Command("apt-cache", "depends", "linux-image-cloud-"+debianArch).Output()
		if err != nil {
			return fmt.Errorf("name of the kernel's package: %w", err)
		}
		name := kernelName.Find(out)
		if name == nil {
			return fmt.Errorf("name of the kernel's package: none in %q", out)
		}
		return quiet(dir, "apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2", "download", string(name))
	})
	if err != nil {
		return "", err
	}
	found, err := filepath.Glob(filepath.Join(dir, "linux-image-*.deb"))
	if err != nil {
		return "", fmt.Errorf("the kernel's package: %w", err)
	}
	if len(found) != 1 {
		return "", fmt.Errorf("the kernel's package: found %q, want one", found)
	}
	return found[0], nil
}

// withUpdate tries again with fresh lists: those of a fresh machine are missing or name what is gone.
func withUpdate(f func() error) error {
	err := f()
	if err == nil {
		return nil
	}
	if update := quiet("", "apt-get", "-q", "update"); update != nil {
		return errors.Join(err, update)
	}
	return f()
}

// quiet runs a program in dir whose output matters only if it fails.
func quiet(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %q: %w\n%s", name, args, err, out.Bytes())
	}
	return nil
}

// unpack extracts a package below dir. Folders that Debian has moved are links there, and stay links.
func unpack(dir, deb string) error {
	fsys := exec.Command("dpkg-deb", "--fsys-tarfile", deb)
	tar := exec.Command("tar", "-x", "-C", dir, "--keep-directory-symlink",
		"--exclude=./usr/share/doc", "--exclude=./usr/share/man", "--exclude=./usr/share/locale")
	var complaint bytes.Buffer
	tar.Stderr = &complaint
	pipe, err := fsys.StdoutPipe()
	if err != nil {
		return fmt.Errorf("unpack %s: %w", filepath.Base(deb), err)
	}
	tar.Stdin = pipe
	if err := fsys.Start(); err != nil {
		return fmt.Errorf("unpack %s: %w", filepath.Base(deb), err)
	}
	if err := errors.Join(tar.Run(), fsys.Wait()); err != nil {
		return fmt.Errorf("unpack %s: %w\n%s", filepath.Base(deb), err, complaint.Bytes())
	}
	return nil
}
