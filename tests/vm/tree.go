package vm

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed guest
var guest embed.FS

// buildTree makes a root file system of packages. Their scripts are not run; what of those is needed is done here.
func buildTree(root string, debs []string) error {
	for _, dir := range []string{"bin", "sbin", "lib", "lib64"} {
		if err := os.MkdirAll(filepath.Join(root, "usr", dir), 0o755); err != nil {
			return fmt.Errorf("root file system: %w", err)
		}
		if err := os.Symlink("usr/"+dir, filepath.Join(root, dir)); err != nil {
			return fmt.Errorf("root file system: %w", err)
		}
	}
	for _, deb := range debs {
		if err := unpack(root, deb); err != nil {
			return err
		}
	}
	if err := register(root, debs); err != nil {
		return err
	}
	if err := configure(root); err != nil {
		return err
	}
	return quiet("", "chroot", root, "ldconfig")
}

// register has dpkg know what is installed, so that packages can be installed upon it.
func register(root string, debs []string) error {
	var status bytes.Buffer
	for _, deb := range debs {
		control, err := exec.Command("dpkg-deb", "--field", deb).Output()
		if err != nil {
			return fmt.Errorf("description of %s: %w", filepath.Base(deb), err)
		}
		first, rest, _ := bytes.Cut(control, []byte("\n"))
		fmt.Fprintf(&status, "%s\nStatus: install ok installed\n%s\n", first, rest)
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), status.Bytes(), 0o644); err != nil {
		return fmt.Errorf("status of packages: %w", err)
	}
	return nil
}

// configure writes what the packages' scripts would, and our own parts.
func configure(root string) error {
	for from, to := range map[string]string{"passwd.master": "etc/passwd", "group.master": "etc/group"} {
		text, err := os.ReadFile(filepath.Join(root, "usr/share/base-passwd", from))
		if err != nil {
			return fmt.Errorf("users: %w", err)
		}
		who := "messagebus:x:101:101::/nonexistent:/usr/sbin/nologin\n"
		if from == "group.master" {
			who = "messagebus:x:101:\n"
		}
		if err := write(root, to, 0o644, string(text)+who); err != nil {
			return err
		}
	}
	for path, text := range map[string]string{
		"etc/shadow": "root:*:19000:0:99999:7:::\n", "etc/gshadow": "", "etc/machine-id": "", "etc/hostname": "vm\n",
		"etc/hosts": "127.0.0.1 localhost vm\n", "var/lib/dpkg/available": "", "vm/readme": "see package tests/vm\n",
		"etc/systemd/system.conf.d/vm.conf": "[Manager]\nDefaultTimeoutStopSec=20s\n",
	} {
		if err := write(root, path, 0o644, text); err != nil {
			return err
		}
	}
	for from, to := range map[string]string{"run": "usr/lib/vm/run", "bare": "usr/lib/vm/bare", "vm-reboot": "usr/local/bin/vm-reboot", "vm-job.service": "usr/lib/systemd/system/vm-job.service"} {
		text, err := guest.ReadFile("guest/" + from)
		if err != nil {
			return err
		}
		mode := os.FileMode(0o755)
		if filepath.Ext(from) == ".service" {
			mode = 0o644
		}
		if err := write(root, to, mode, string(text)); err != nil {
			return err
		}
	}
	for link, to := range map[string]string{
		"etc/systemd/system/default.target":                        "/lib/systemd/system/multi-user.target",
		"etc/systemd/system-generators/systemd-getty-generator":    "/dev/null", // waits for a console that udev would announce
		"etc/systemd/system-generators/systemd-gpt-auto-generator": "/dev/null",
		"etc/systemd/system/proc-sys-fs-binfmt_misc.automount":     "/dev/null",
		"etc/systemd/system/systemd-update-utmp-runlevel.service":  "/dev/null",
		"etc/systemd/system/getty.target":                          "/dev/null",
	} {
		path := filepath.Join(root, link)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("root file system: %w", err)
		}
		if err := os.Symlink(to, path); err != nil {
			return fmt.Errorf("root file system: %w", err)
		}
	}
	return nil
}

func write(root, path string, mode os.FileMode, text string) error {
	path = filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("root file system: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		return fmt.Errorf("root file system: %w", err)
	}
	return nil
}
