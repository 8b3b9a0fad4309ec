package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"mesos/cmd/flags"
)

// discoveryTime is how long --ip_discovery_command may take.
const discoveryTime = time.Minute

// discoverIP asks --ip_discovery_command, a line for the shell, for the address to listen on; "" without it.
func discoverIP(f *flags.Set) (string, error) {
	if !f.Defines("ip_discovery_command") {
		return "", nil // marathon and chronos have no such flag
	}
	line := f.String("ip_discovery_command")
	switch {
	case line == "":
		return "", nil
	case f.Given("ip"):
		return "", errors.New("flag --ip_discovery_command: --ip is given, too: choose one of them")
	}
	ctx, cancel := context.WithTimeout(context.Background(), discoveryTime)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", line)
	cmd.Stderr, cmd.WaitDelay = &said, time.Second
	out, err := cmd.Output()
	if ctx.Err() != nil {
		err = fmt.Errorf("it was not over after %v", discoveryTime)
	}
	if err != nil {
		return "", fmt.Errorf("flag --ip_discovery_command: %q: %w: %.200s", line, err, bytes.TrimSpace(said.Bytes()))
	}
	ip := strings.TrimSpace(string(out))
	if net.ParseIP(ip) == nil {
		return "", fmt.Errorf("flag --ip_discovery_command: %q printed %.60q, which is not an IP address", line, ip)
	}
	return ip, nil
}
