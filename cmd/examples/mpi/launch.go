package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// host is a node by the name that mpirun has for it, its address.
type host struct{ task, address string }

// launcher runs mpirun in the first node, and has it start what it needs in the others.
type launcher struct {
	mesos, master, framework string
	nodes                    []host
	slots                    int
	arguments                []string
}

// agent takes the part of ssh. mpirun starts it with the address of a host, and a line for a shell there.
const agent = `#!/bin/sh
case $1 in
%s*) echo "no node has the address $1" >&2; exit 1;;
esac
shift
exec %s "$node" -- sh -c "export TMPDIR=\"\$MESOS_SANDBOX\"; $*"`

// line is what the shell of the first node does. Daemons of Open MPI that went to the background would seem to have
// ended, so they stay attached. What they keep in files is in their node's sandbox.
const line = `cd "$MESOS_SANDBOX" && export TMPDIR="$PWD" && printf '%%s\n' %s >launch && chmod 755 launch &&
exec mpirun --leave-session-attached --mca plm_rsh_agent "$PWD/launch" --mca plm_rsh_no_tree_spawn 1 --host %s "$@"`

// command is mpirun in the first node.
func (l launcher) command(ctx context.Context) *exec.Cmd {
	in := []string{l.mesos, "exec", "--master=" + l.master, "--framework=" + l.framework}
	var quoted, hosts []string
	for _, w := range in {
		quoted = append(quoted, quote(w))
	}
	cases := ""
	for _, n := range l.nodes {
		hosts = append(hosts, fmt.Sprintf("%s:%d", n.address, l.slots))
		cases += fmt.Sprintf("%s) node=%s;;\n", n.address, n.task)
	}
	text := fmt.Sprintf(line, quote(fmt.Sprintf(agent, cases, strings.Join(quoted, " "))), strings.Join(hosts, ","))
	words := append(in[1:], l.nodes[0].task, "--", "sh", "-c", text, "mpirun")
	c := exec.CommandContext(ctx, l.mesos, append(words, l.arguments...)...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 10 * time.Second
	return c
}

// quote makes one word of a shell's line.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
