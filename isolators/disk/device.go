package disk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators"
)

// formatter makes file systems.
const formatter = "mkfs.ext4"

// What an ext4 has. Without a journal it is for what is not needed any more when a
// crash of the machine has ended its container.
const (
	journal   = "has_journal"
	noJournal = "^has_journal"
)

// format makes an ext4 of a file.
func format(image string, size uint64, features string) error {
	f, err := os.OpenFile(image, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(int64(size)), f.Close()); err != nil {
		return err
	}
	path, err := exec.LookPath(formatter)
	if err != nil {
		path = filepath.Join("/sbin", formatter) // not in the PATH of every agent
	}
	out, err := exec.Command(path, "-q", "-F", "-m", "0", "-O", features, "-E", "lazy_itable_init=1,nodiscard", image).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", formatter, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// attach gives a file a loop device that goes when nobody has it open or mounted.
// The caller closes the descriptor.
func attach(image string) (device *os.File, err error) {
	back, err := os.OpenFile(image, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer back.Close()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer control.Close()
	const tries = 1000 // others may take the one that was free
	for range tries {
		n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, fmt.Errorf("free loop device: %w", err)
		}
		device, err := openLoop(n)
		if err != nil {
			return nil, err
		}
		config := &unix.LoopConfig{Fd: uint32(back.Fd()), Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR}}
		copy(config.Info.File_name[:unix.LO_NAME_SIZE-1], image)
		if err = unix.IoctlLoopConfigure(int(device.Fd()), config); err == nil {
			return device, nil
		}
		_ = device.Close()
		if !errors.Is(err, unix.EBUSY) {
			return nil, fmt.Errorf("loop device %d: %w", n, err)
		}
	}
	return nil, fmt.Errorf("loop devices: %w", unix.EBUSY)
}

// loopMajor is the number of loop devices.
const loopMajor = 7

// openLoop opens a loop device, and makes its node if the machine does not.
func openLoop(n int) (*os.File, error) {
	path := fmt.Sprintf("/dev/loop%d", n)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if !errors.Is(err, os.ErrNotExist) {
		return f, err
	}
	if err := unix.Mknod(path, unix.S_IFBLK|0o660, int(unix.Mkdev(loopMajor, uint32(n)))); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, &os.PathError{Op: "mknod", Path: path, Err: err}
	}
	return os.OpenFile(path, os.O_RDWR, 0)
}

// mountImage mounts a file with an ext4.
func mountImage(image, at string) error {
	device, err := attach(image)
	if err != nil {
		return err
	}
	defer device.Close()
	return mountDevice(device.Name(), at)
}

func mountDevice(device, at string) error {
	if err := unix.Mount(device, at, "ext4", unix.MS_NODEV, ""); err != nil {
		return &os.PathError{Op: "mount", Path: at, Err: err}
	}
	return nil
}

// isMount says whether something else is mounted at a directory.
func isMount(path string) (bool, error) {
	var is, up unix.Stat_t
	if err := unix.Lstat(path, &is); err != nil {
		return false, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if err := unix.Lstat(filepath.Dir(path), &up); err != nil {
		return false, &os.PathError{Op: "stat", Path: filepath.Dir(path), Err: err}
	}
	return is.Dev != up.Dev, nil
}

// loops tells whether this machine can do it all, by doing it once.
func loops(dir string) *isolators.Feature {
	return isolators.NewFeature("ext4 in loop devices", "the program "+formatter+" (package e2fsprogs), a kernel with CONFIG_BLK_DEV_LOOP and CONFIG_EXT4_FS, and root", func() error {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		at, err := os.MkdirTemp(dir, ".probe")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(at) }()
		image, box := filepath.Join(at, "image"), filepath.Join(at, "box")
		if err := errors.Join(os.Mkdir(box, 0o700), format(image, least, noJournal)); err != nil {
			return err
		}
		if err := mountImage(image, box); err != nil {
			return err
		}
		return unix.Unmount(box, unix.MNT_DETACH)
	})
}
