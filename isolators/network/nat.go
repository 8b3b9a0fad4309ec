package network

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// nat has containers of a bridge reach what is beyond the machine, and ports of
// the machine lead to them. It is done by the program nft; without it there is neither.
type nat struct {
	program string // path, "" where there is none
	bridge  string
	subnet  netip.Prefix
}

func newNAT(bridge string, subnet netip.Prefix) *nat {
	n := &nat{bridge: bridge, subnet: subnet}
	n.program, _ = exec.LookPath("nft") // or ""
	for _, path := range []string{"/usr/sbin/nft", "/sbin/nft"} {
		if _, err := os.Stat(path); n.program == "" && err == nil {
			n.program = path
		}
	}
	return n
}

// table is what nft calls ours.
func (n *nat) table() string { return "mesos-" + n.bridge }

// apply makes the rules those of some claims, at once.
func (n *nat) apply(ctx context.Context, all claims) error {
	if n.program == "" {
		return nil
	}
	return n.run(ctx, n.rules(all))
}

// remove removes all rules.
func (n *nat) remove(ctx context.Context) error {
	if n.program == "" {
		return nil
	}
	// There is no other way to delete what may not be there.
	return n.run(ctx, fmt.Sprintf("add table ip %[1]s\ndelete table ip %[1]s\n", n.table()))
}

// run carries out commands, all or none.
func (n *nat) run(ctx context.Context, commands string) error {
	cmd := exec.CommandContext(ctx, n.program, "-f", "-")
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(commands), &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}

// rules is the table. What goes to a port of the machine, from elsewhere or from
// itself, goes to who has it; what leaves the bridge has the machine's address, and
// so has what the machine sends from its loopback, and what comes back to the
// bridge by way of a port, which would be answered past the machine otherwise.
func (n *nat) rules(all claims) string {
	var ports []string
	for a, c := range all {
		for _, m := range c.Mappings {
			ports = append(ports, fmt.Sprintf("%s . %d : %v . %d", m.Protocol, m.Host, a, m.Container))
		}
	}
	slices.Sort(ports)
	elements := ""
	if len(ports) > 0 {
		elements = fmt.Sprintf("\t\telements = { %s }\n", strings.Join(ports, ", "))
	}
	const mapped = "fib daddr type local dnat ip to meta l4proto . th dport map @ports"
	return fmt.Sprintf(`add table ip %[1]s
delete table ip %[1]s
table ip %[1]s {
	map ports {
		type inet_proto . inet_service : ipv4_addr . inet_service
%[4]s	}
	chain in {
		type nat hook prerouting priority -100
		%[5]s
	}
	chain own {
		type nat hook output priority -100
		%[5]s
	}
	chain out {
		type nat hook postrouting priority 100
		ip saddr %[3]v ip daddr != %[3]v ip daddr != 224.0.0.0/4 masquerade
		ip saddr 127.0.0.0/8 oifname "%[2]s" masquerade
		ip saddr %[3]v ip daddr %[3]v ct status dnat masquerade
	}
}
`, n.table(), n.bridge, n.subnet.Masked(), elements, mapped)
}

// errNoNAT is why there are no port mappings.
var errNoNAT = errors.New("port_mappings: this machine has no program nft to map ports with: install nftables")
