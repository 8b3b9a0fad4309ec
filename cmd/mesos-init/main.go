// Command mesos-init begins a container: it waits until the agent has isolated
// it, makes of itself what the agent says, and executes the container's
// command. The agent starts it.
//
// There is one exec of it for each container, so it must be small and quick. Where
// it can, it does without Go's runtime: it is linked to begin in package
// isolators/boot/early, and what is here runs when that leaves it alone.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"mesos/isolators/boot"
	"mesos/isolators/boot/early"
)

// Rights and namespaces are those of a thread: the one that executes the command
// must be the one that was confined. While packages are initialized, which this is,
// Go keeps to the program's first thread; runtime.LockOSThread would say so, too,
// but begins another one, which takes a twentieth of all that a start takes.
func init() {
	runtime.GOMAXPROCS(1)
	switch {
	case len(os.Args) == 2 && os.Args[1] == early.Argument: // where this is not linked to begin there
		os.Exit(boot.Follow())
	case len(os.Args) == 3 && os.Args[1] == boot.OrderArgument:
		os.Exit(boot.RunOrder(os.Args[2]))
	case len(os.Args) > 3 && os.Args[1] == boot.AroundArgument:
		os.Exit(boot.RunAround(os.Args[2], os.Args[3:]))
	case len(os.Args) == 3 && os.Args[1] == boot.Remain:
		if pid, err := strconv.Atoi(os.Args[2]); err == nil {
			boot.Reap(pid)
		}
	}
	if len(os.Args) > 1 {
		fmt.Fprintf(os.Stderr, "mesos-init: argument %q: it takes none; agents start it\n", os.Args[1])
		os.Exit(2)
	}
	os.Exit(boot.Run())
}

func main() {}
