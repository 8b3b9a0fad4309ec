package systemd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"mesos/tests/cluster"
	"mesos/tests/consul"
)

// chapter of the README whose commands are tried.
const chapter = "## From one machine to a cluster"

// commands are the blocks of commands of the chapter, in its order.
func commands(t *testing.T) (blocks []string) {
	t.Helper()
	root, err := cluster.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), chapter+"\n")
	if !found {
		t.Fatalf("README.md has no chapter %q", chapter)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	inside := false
	for _, line := range strings.Split(rest, "\n") {
		code, is := strings.CutPrefix(line, "    ")
		switch {
		case is && !inside:
			blocks = append(blocks, code+"\n")
		case is:
			blocks[len(blocks)-1] += code + "\n"
		}
		inside = is
	}
	return blocks
}

// address of a machine, as the README counts them.
func address(machine int) string { return fmt.Sprintf("10.0.0.%d", machine) }

var ownAddress = regexp.MustCompile(`(?m)^IP=.*$`)

// network makes a network namespace with the addresses of n machines and returns its file. All machines are in it: they
// have nothing to do with each other but by their addresses.
func network(t *testing.T, n int) string {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skipf("no network for containers here: %v", err)
	}
	script := "ip link set lo up"
	for i := range n {
		script += " && ip address add " + address(i+1) + "/32 dev lo"
	}
	cmd := exec.Command("unshare", "--net", "sh", "-c", script+" && echo up && exec sleep 86400")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // it was killed
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "up\n" {
		t.Skipf("no network for containers here: %q, %v", line, err)
	}
	return fmt.Sprintf("/proc/%d/ns/net", cmd.Process.Pid)
}

// consulUnit stands for the unit that Consul's own package brings.
const consulUnit = "[Service]\nType=exec\nExecStart=/consul/consul agent -config-dir=/etc/consul.d -data-dir=/opt/consul\nRestart=always\n[Install]\nWantedBy=multi-user.target\n"

// TestCluster takes the commands of the README's chapter to five machines, launches a task there and upgrades one machine
// after another. One master leads all the time but for the handover, and the task goes on.
func TestCluster(t *testing.T) {
	t.Parallel()
	binary := consul.Binary(t)
	block := commands(t)
	if len(block) != 4 {
		t.Fatalf("the chapter has %d blocks of commands, want 4: for every machine, masters, agents, and a look at the cluster", len(block))
	}
	const masters, all = 3, 5
	server := t.TempDir()
	if err := copyProgram(binary, server+"/consul"); err != nil {
		t.Fatal(err)
	}
	netns := network(t, all)
	var machines []*container
	for i := range all {
		c := boot(t, netns, map[string]string{"/packages": packages(t), "/consul": server})
		machines = append(machines, c)
		c.run("cd /packages; " + block[0])
		c.run(fmt.Sprintf("hostname m%d", i+1)) // Consul tells machines apart by it
		what := block[2]
		if i < masters {
			c.run("mkdir -p /etc/consul.d; printf '" + strings.ReplaceAll(consulUnit, "\n", "\\n") + "' >/etc/systemd/system/consul.service; systemctl daemon-reload")
			what = block[1]
		}
		c.run(ownAddress.ReplaceAllString(what, "IP="+address(i+1)))
	}
	look, _, found := strings.Cut(block[3], "mesos agents\n")
	if !found {
		t.Fatalf("the look at the cluster has no line `mesos agents`:\n%s", block[3])
	}
	machines[0].prints(look+"mesos agents | tail -n +2 | wc -l", fmt.Sprint(all-masters))
	machines[0].await("the commands of the README run", func() error {
		out, err := machines[0].try(block[3])
		if err != nil || !strings.Contains(out, "hello\n") {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	})
	upgradeAll(t, machines, masters, look)
}

// upgradeAll upgrades the machines one by one, with a task that must not notice.
func upgradeAll(t *testing.T, machines []*container, masters int, look string) {
	first := machines[0]
	first.run(look + "systemd-run --quiet --unit=job --setenv=MESOS_MASTER mesos run --name=stays -- sh -c 'echo $$$$ >/run/stays; exec sleep infinity'")
	task := func() (found string) {
		for i, c := range machines[masters:] {
			if out, err := c.try("test -s /run/stays; cut -d' ' -f1,22 /proc/$(cat /run/stays)/stat"); err == nil {
				found += fmt.Sprintf("machine %d: %s", masters+i+1, out)
			}
		}
		return found
	}
	first.await("the task runs", func() error {
		if task() == "" {
			return errors.New("no machine has it")
		}
		return nil
	})
	before := task()
	for i, c := range machines {
		c.run("dpkg -i /packages/1.1.deb")
		oneLeads(t, machines[:masters])
		for _, a := range machines[masters:] {
			a.await("the agent is registered", func() error {
				if got := a.property("mesos-agent", "StatusText"); !strings.HasPrefix(got, "registered with ") {
					return fmt.Errorf("its status is %q", got)
				}
				return nil
			})
		}
		if got := task(); got != before {
			t.Fatalf("after the upgrade of machine %d the task is %q, want %q", i+1, got, before)
		}
	}
	first.prints(look+"mesos ps | grep -cw running", "1")
	first.prints(look+"mesos ps --all | grep -c stays", "1")
}

// oneLeads waits until one master leads and the others stand by.
func oneLeads(t *testing.T, masters []*container) {
	t.Helper()
	masters[0].await("one master leads", func() error {
		var states []string
		for _, c := range masters {
			state, _, _ := strings.Cut(c.property("mesos-master", "StatusText"), ";")
			states = append(states, state)
		}
		all := strings.Join(states, ", ")
		if strings.Count(all, "leading") != 1 || strings.Count(all, "standing by") != len(masters)-1 {
			return fmt.Errorf("the masters say %q", states)
		}
		return nil
	})
}

func copyProgram(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o755)
}
