package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
	"mesos/cmd/mesos/internal/terminal"
)

func topCommand() *cli.Command {
	return &cli.Command{
		Name: "top", Usage: "watch the cluster: how full it is, and what runs",
		UsageText: "mesos top [--every TIME]\n\nExamples:\n   mesos top\n   mesos top --every 10s",
		Description: "Keys: t tasks, a agents, f frameworks, q or Ctrl-C leaves. Where the output is no terminal the picture is printed once.\n\n" +
			exitCodes,
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "every", Value: 2 * time.Second, Usage: "`TIME` between two looks"},
			masterFlag(),
		},
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if c.Duration("every") < 100*time.Millisecond {
				return usageError(c, "--every=%v is too often: at least 100ms", c.Duration("every"))
			}
			return onMaster(c, func(ctx context.Context, m *client.Client) error { return top(ctx, c, m) })
		},
	}
}

// top paints until a key or a signal ends it; once, if nobody can press keys.
func top(ctx context.Context, c *cli.Context, m *client.Client) error {
	s, err := m.State(ctx)
	if err != nil {
		return err
	}
	out, isFile := c.App.Writer.(*os.File)
	if !isFile || !terminal.Is(out) || !terminal.Is(os.Stdin) {
		_, err := c.App.Writer.Write(picture(c, s, 't', nil))
		return err
	}
	restore, err := terminal.Raw(os.Stdin)
	if err != nil {
		return err
	}
	defer restore()
	if _, err := out.WriteString("\x1b[?1049h\x1b[?25l"); err != nil { // the other screen, without a cursor
		return err
	}
	defer func() { _, _ = out.WriteString("\x1b[?25h\x1b[?1049l") }() // a terminal that is gone needs nothing
	keys := make(chan byte)
	go pressed(ctx, keys)
	for view := byte('t'); ; {
		if err := frame(out, picture(c, s, view, err)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case key := <-keys:
			switch key {
			case 'q', 3, 27: // Ctrl-C is a key in raw mode
				return nil
			case 't', 'a', 'f':
				view = key
			}
			continue
		case <-time.After(c.Duration("every")):
		}
		var now *client.State
		if now, err = m.State(ctx); err == nil {
			s = now
		}
	}
}

// pressed tells of keys. A read of a terminal cannot be ended: this ends with the program.
func pressed(ctx context.Context, keys chan<- byte) {
	for read := make([]byte, 16); ; {
		n, err := os.Stdin.Read(read)
		if n == 0 || err != nil {
			return
		}
		if read[0] == 27 && n > 1 {
			continue // an arrow, say: it begins as Escape does, and is another key
		}
		for _, key := range read[:n] {
			select {
			case keys <- key:
			case <-ctx.Done():
				return
			}
		}
	}
}

// frame puts a picture on the screen, cut to its size: each line is wiped to its end, so that nothing flickers.
func frame(out *os.File, picture []byte) error {
	rows, columns := terminal.Size(out)
	lines := strings.Split(strings.TrimSuffix(string(picture), "\n"), "\n")
	if rows > 0 && len(lines) > int(rows) {
		lines = lines[:rows]
	}
	var b bytes.Buffer
	b.WriteString("\x1b[H")
	for i, l := range lines {
		if r := []rune(l); columns > 0 && len(r) > int(columns) && !strings.Contains(l, "\x1b") {
			l = string(r[:columns])
		}
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(l + "\x1b[0m\x1b[K")
	}
	b.WriteString("\x1b[J")
	_, err := out.Write(b.Bytes())
	return err
}

// picture is the cluster as text. failed is why it is not newer.
func picture(c *cli.Context, s *client.State, view byte, failed error) []byte {
	var b bytes.Buffer
	active, total, used := 0, client.Resources{}, client.Resources{}
	for _, a := range s.Agents {
		if a.Active {
			active++
		}
		total.CPUs, total.Mem, total.Disk, total.GPUs = total.CPUs+a.Resources.CPUs, total.Mem+a.Resources.Mem, total.Disk+a.Resources.Disk, total.GPUs+a.Resources.GPUs
		used.CPUs, used.Mem, used.Disk, used.GPUs = used.CPUs+a.Used.CPUs, used.Mem+a.Used.Mem, used.Disk+a.Used.Disk, used.GPUs+a.Used.GPUs
	}
	fmt.Fprintf(&b, "mesos %s  leader %s  agents %d of %d active  frameworks %d\n", s.Version, s.Leader, active, len(s.Agents), len(s.Frameworks))
	for _, r := range []struct {
		name        string
		used, total float64
	}{{"cpus", used.CPUs, total.CPUs}, {"mem", used.Mem, total.Mem}, {"disk", used.Disk, total.Disk}, {"gpus", used.GPUs, total.GPUs}} {
		if r.total > 0 {
			fmt.Fprintf(&b, "%-5s %s %3.0f%%  %s\n", r.name, gauge(r.used/r.total), 100*r.used/r.total, ofTotal(r.used, r.total))
		}
	}
	fmt.Fprintf(&b, "tasks %s\n", cmp.Or(counted(s), "none"))
	if failed != nil {
		fmt.Fprintf(&b, "what is below is old: %v\n", failed)
	}
	b.WriteByte('\n')
	switch view { // writes to memory
	case 'a':
		_ = printList(c, &b, agents.columns, listAgents(s))
	case 'f':
		_ = printList(c, &b, frameworks.columns, listFrameworks(s, false))
	default:
		lines := listTasks(s, false)
		slices.Reverse(lines) // what is new is what one looks for
		_ = printList(c, &b, tasks.columns, lines)
	}
	return b.Bytes()
}

// gauge is a bar of 30 characters.
func gauge(part float64) string {
	n := int(30*min(max(part, 0), 1) + 0.5)
	return "[" + strings.Repeat("|", n) + strings.Repeat(" ", 30-n) + "]"
}

// counted is how many live tasks are in each state.
func counted(s *client.State) string {
	n := map[string]int{}
	for _, f := range s.Frameworks {
		for _, t := range f.Tasks {
			n[shortState(t.State)]++
		}
	}
	var out []string
	for _, state := range slices.Sorted(maps.Keys(n)) {
		out = append(out, fmt.Sprintf("%s %d", state, n[state]))
	}
	return strings.Join(out, ", ")
}
