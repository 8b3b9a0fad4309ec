// Package vm starts whole machines for tests: a Debian kernel, a small Debian with systemd, every control group controller
// of version 2, a reboot that is one. It is made for what a container cannot show.
//
//	result := vm.Run(t, vm.Job{
//		Script: "cp /sys/fs/cgroup/cgroup.controllers $OUT/",
//		Files:  map[string]string{"/usr/bin/mesos-agent": "bin/mesos-agent"},
//		Bare:   true,
//	})
//	// result.Code, result.Output, result.Files["cgroup.controllers"]
//
// [Run] starts a machine of its own for the job, waits until its script ends, and hands back how it ended, what it printed
// and what it left in the folder $OUT. The script is for /bin/sh, run by root. A Go test binary is a file like any other.
// `vm-reboot` in a script restarts the machine; the script then runs again from its beginning, with BOOT=2. The network is
// the loopback interface. `modprobe` knows the modules of the kernel.
//
// A machine runs systemd, which starts the script when all else is up, after about ten seconds. With Bare the script is
// the first program, after about five, with /proc, /sys, /dev, /run, /tmp and the control groups in their places.
// Processors are emulated, so that a test is the same everywhere; programs run some ten times slower than outside, and the
// machine's clock goes with them: times in it are no measure of anything.
//
// The disk is built once, from Debian's packages and into the user's cache, by who runs the first test; each machine
// writes into a copy that goes with it. [Tree] is the same Debian as a folder, for containers. Both need root, apt-get and
// the programs that tests/setup.sh installs; without them [Run] and [NeedTree] skip the test and say what is missing.
//
// Test suites call it. It never touches the machine that it runs on: no package is installed, no network set up.
package vm
