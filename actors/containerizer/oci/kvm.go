package oci

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"mesos/isolators"
)

// createVM is KVM_CREATE_VM.
const createVM = 0xae01

// virtual says why no virtual machines can be made by the device of KVM. One that can
// be made may still not run, in a machine that is virtual itself: that Kata's shim
// says, of the first container.
func virtual(kvm string) error {
	f, err := os.OpenFile(kvm, os.O_RDWR, 0)
	if err == nil {
		defer f.Close()
		vm, errno := unix.IoctlRetInt(int(f.Fd()), createVM)
		if errno == nil {
			return unix.Close(vm)
		}
		err = fmt.Errorf("a virtual machine: %w", errno)
	}
	return &isolators.MissingError{Feature: kvm, Needs: "a processor with virtualization, and the modules of KVM: Kata has each container in a virtual machine", Err: err}
}
