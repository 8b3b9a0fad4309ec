package network

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot"
)

// Names of the files about itself that a container finds in /etc, as they are kept.
const (
	hostnameFile = "hostname"
	hostsFile    = "hosts"
	resolvFile   = "resolv.conf"
)

var etcFiles = []string{hostnameFile, hostsFile, resolvFile}

// writeFiles makes the files.
func (c *container) writeFiles(hostname string) error {
	var addresses []netip.Prefix
	var d DNS
	for _, a := range c.Attachments {
		addresses = append(addresses, a.Addresses...)
		if len(d.Servers) == 0 {
			d = a.DNS
		}
	}
	resolv := d.text()
	if len(d.Servers) == 0 {
		resolv = serversOfMachine()
	}
	for name, text := range map[string]string{hostnameFile: hostname + "\n", hostsFile: hosts(hostname, addresses), resolvFile: resolv} {
		// Not only for the container's root.
		if err := os.WriteFile(c.path(name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("file %s of a container: %w", name, err)
		}
		if err := os.Chmod(c.path(name), 0o644); err != nil { // whatever the umask
			return fmt.Errorf("file %s of a container: %w", name, err)
		}
	}
	return nil
}

// mountFiles has a container see the files. Where it has no root of its own, it sees
// them in the place of those of the machine, if that has any.
func (c *container) mountFiles(l *boot.Launch) {
	for _, name := range etcFiles {
		target := "/etc/" + name
		if _, err := os.Stat(target); err != nil && l.Rootfs == "" {
			continue
		}
		l.Clone |= unix.CLONE_NEWNS
		l.Mounts = append(l.Mounts, boot.Mount{Source: c.path(name), Target: target, Flags: unix.MS_BIND, Make: l.Rootfs != ""})
	}
}

// hosts is the text of /etc/hosts.
func hosts(hostname string, addresses []netip.Prefix) string {
	text := "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
	for _, a := range addresses {
		text += a.Addr().String() + " " + hostname + "\n"
	}
	return text
}

// text is that of /etc/resolv.conf.
func (d DNS) text() string {
	var b strings.Builder
	if d.Domain != "" {
		fmt.Fprintf(&b, "domain %s\n", d.Domain)
	}
	if len(d.Search) > 0 {
		fmt.Fprintf(&b, "search %s\n", strings.Join(d.Search, " "))
	}
	if len(d.Options) > 0 {
		fmt.Fprintf(&b, "options %s\n", strings.Join(d.Options, " "))
	}
	for _, s := range d.Servers {
		fmt.Fprintf(&b, "nameserver %s\n", s)
	}
	return b.String()
}

// Where a machine says what name servers it uses: a resolver on the machine itself
// writes elsewhere whom it asks.
var resolvFiles = []string{"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"}

// serversOfMachine is the machine's resolv.conf, as far as it means something in
// another network: a name server at a loopback address does not answer there.
func serversOfMachine() string {
	best := ""
	for _, file := range resolvFiles {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		kept, any := reachable(string(text))
		if any {
			return kept
		}
		if best == "" {
			best = kept
		}
	}
	return best
}

// reachable drops the name servers at loopback addresses; any says that others are left.
func reachable(resolv string) (kept string, any bool) {
	for in := bufio.NewScanner(strings.NewReader(resolv)); in.Scan(); {
		words := strings.Fields(in.Text())
		if len(words) > 1 && words[0] == "nameserver" {
			if a, err := netip.ParseAddr(words[1]); err == nil && a.IsLoopback() {
				continue
			}
			any = true
		}
		kept += in.Text() + "\n"
	}
	return kept, any
}
