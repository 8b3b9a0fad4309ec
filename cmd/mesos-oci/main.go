// Command mesos-oci makes a container by a shim of containerd, as the command line of
// an OCI runtime would: it stays until the container ends, with its streams and its
// exit status. Agents with --oci_runtime=kata, or io.containerd.NAME.vN, start it.
//
// There is one for each container, so it must be small and quick.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"

	"mesos/actors/containerizer/shimv2"
)

func init() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(32 << 20)
}

// failed is the exit status of what did not run, or whose shim has died.
const failed = 125

func main() {
	status, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mesos-oci:", err)
		status = failed
	}
	os.Exit(status)
}

func run(args []string) (int, error) {
	switch {
	case len(args) == 2 && args[0] == "run":
		return shimv2.Run(args[1])
	case len(args) == 3 && args[0] == "exec":
		return shimv2.Exec(args[1], args[2])
	case slices.Contains(args, shimv2.Publish):
		return 0, nil // an event, which nobody waits for
	}
	return 0, errors.New("want run BUNDLE, or exec BUNDLE FILE; agents start it")
}
