package vm

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// virtio are the modules that the disks need, as far as they are no part of the kernel.
var virtio = []string{
	"virtio/virtio_ring", "virtio/virtio", "virtio/virtio_pci_legacy_dev", "virtio/virtio_pci_modern_dev", "virtio/virtio_pci", "block/virtio_blk",
}

// buildKernel puts the kernel and its initial RAM disk into dir, and the kernel's modules into the tree.
func buildKernel(dir, tree string) error {
	deb, err := downloadKernel(dir)
	if err != nil {
		return err
	}
	if err := unpack(tree, deb); err != nil {
		return err
	}
	images, err := filepath.Glob(filepath.Join(tree, "boot/vmlinuz-*"))
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if len(images) != 1 {
		return fmt.Errorf("kernel: found %q, want one", images)
	}
	version := strings.TrimPrefix(filepath.Base(images[0]), "vmlinuz-")
	if err := os.Rename(images[0], filepath.Join(dir, "vmlinuz")); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if err := os.Remove(deb); err != nil {
		return fmt.Errorf("the kernel's package: %w", err)
	}
	if err := os.RemoveAll(filepath.Join(tree, "boot")); err != nil {
		return fmt.Errorf("root file system: %w", err)
	}
	if err := quiet("", "chroot", tree, "depmod", version); err != nil {
		return err
	}
	return buildInitrd(dir, filepath.Join(tree, "lib/modules", version, "kernel/drivers"))
}

// buildInitrd packs busybox, our first program and the modules.
func buildInitrd(dir, drivers string) error {
	stage := filepath.Join(dir, "initrd")
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return fmt.Errorf("initial RAM disk: %w", err)
	}
	first, err := guest.ReadFile("guest/init")
	if err != nil {
		return err
	}
	if err := write(stage, "init", 0o755, string(first)); err != nil {
		return err
	}
	for _, empty := range []string{"proc", "sys", "dev", "disk", "bin", "modules"} {
		if err := os.MkdirAll(filepath.Join(stage, empty), 0o755); err != nil {
			return fmt.Errorf("initial RAM disk: %w", err)
		}
	}
	if err := copyFile(busybox, filepath.Join(stage, "bin/busybox"), 0o755); err != nil {
		return err
	}
	for _, m := range virtio {
		err := copyFile(filepath.Join(drivers, m+".ko"), filepath.Join(stage, "modules", filepath.Base(m)+".ko"), 0o644)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	pack := exec.Command("sh", "-c", "find . | busybox cpio -o -H newc")
	pack.Dir = stage
	archive, err := pack.Output()
	if err != nil {
		return fmt.Errorf("initial RAM disk: %w", err)
	}
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	if _, err := z.Write(archive); err != nil {
		return fmt.Errorf("initial RAM disk: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("initial RAM disk: %w", err)
	}
	return write(dir, "initrd.gz", 0o644, small.String())
}

func copyFile(from, to string, mode os.FileMode) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, mode)
}
