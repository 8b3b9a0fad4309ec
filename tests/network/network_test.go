package network

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// The networks of the agent, with their addresses.
var networks = map[string]netip.Prefix{
	"mesos0": netip.MustParsePrefix("10.92.0.0/24"), // our own bridge
	"plugin": netip.MustParsePrefix("10.93.0.0/24"), // the standard plugins
}

// start starts a cluster whose agent has the networks. When the test ends nothing of
// them may be left.
func start(t *testing.T, flags ...string) (*cluster.Cluster, *framework) {
	t.Helper()
	need(t)
	before := leftovers(t)
	dir := t.TempDir()
	text := fmt.Sprintf(`{"cniVersion": "0.4.0", "name": "plugin", "type": "bridge", "bridge": "cni0", "isGateway": true,
		"ipam": {"type": "host-local", "dataDir": %q, "subnet": "10.93.0.0/24", "routes": [{"dst": "0.0.0.0/0"}]}}`, filepath.Join(dir, "ipam"))
	if err := os.Mkdir(filepath.Join(dir, "cni"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(filepath.Join(dir, "cni", "plugin.conf"), text)
	t.Cleanup(func() { // after the cluster's end
		if after := leftovers(t); after != before {
			t.Errorf("left behind: got\n%s\nwant\n%s", after, before)
		}
	})
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:0;ports:[31000-31010]",
		Place: func(string) cluster.Place { return cluster.Place{IP: machine} },
		AgentFlags: append([]string{
			"--launcher=linux", "--isolation=network/cni,network/bridge,namespaces/pid,filesystem/linux,docker/runtime", "--runtime_dir=" + filepath.Join(dir, "run"),
			"--network_cni_plugins_dir=/usr/lib/cni", "--network_cni_config_dir=" + filepath.Join(dir, "cni"), "--network_bridge_subnet=10.92.0.0/24",
			"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=15secs",
		}, flags...),
	})
	return c, startFramework(t, c)
}

// leftovers are the interfaces, network namespaces and rules there are. The bridge of the
// plugin, which it leaves, and empty tables of iptables do not count.
func leftovers(t testing.TB) string {
	t.Helper()
	var out []string
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if l.Name != "cni0" {
			out = append(out, "interface "+l.Name)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, " nsfs ") {
			out = append(out, line)
		}
	}
	rules, err := exec.Command("nft", "list", "ruleset").CombinedOutput()
	if err != nil {
		t.Fatalf("nft: %v: %s", err, rules)
	}
	for line := range strings.Lines(string(rules)) {
		if strings.Contains(line, "dport") || strings.Contains(line, "table ip mesos") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// address is where a status tells that its task is, in a network.
func address(t testing.TB, s *v1.TaskStatus, network string) string {
	t.Helper()
	infos := s.GetContainerStatus().GetNetworkInfos()
	if len(infos) != 1 || infos[0].GetName() != network || len(infos[0].GetIpAddresses()) != 1 || len(infos[0].GetLabels().GetLabels()) != 1 {
		t.Fatalf("networks of %s: got %v, want %s with an address and the label", s.GetTaskId().GetValue(), infos, network)
	}
	ip, err := netip.ParseAddr(infos[0].GetIpAddresses()[0].GetIpAddress())
	if err != nil || !networks[network].Contains(ip) {
		t.Fatalf("address of %s: got %v, want one of %v", s.GetTaskId().GetValue(), infos, networks[network])
	}
	return ip.String()
}

func mesos(t testing.TB, c *cluster.Cluster, args ...string) string {
	t.Helper()
	cmd := exec.Command(cluster.Binary(t, "mesos"), args...)
	cmd.Env = append(os.Environ(), "MESOS_MASTER="+c.Addr())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("mesos %v: %v: %s", args, err, out)
	}
	return string(out)
}

// TestNetworks puts two tasks in a network: they reach each other, and a port of the
// machine leads to one; state, command line and DNS tell its address. None of this
// ends with the agent, and all of it with the tasks.
func TestNetworks(t *testing.T) { byEach(t, networked) }

func networked(t *testing.T, made ...string) {
	c, f := start(t, made...)
	for network := range networks {
		t.Run(network, func(t *testing.T) {
			server, beside := "server-"+network, &asker{t: t, dir: t.TempDir()}
			info := task(server, network, command(t, stageServe), 31000)
			info.Container.Hostname = new("front")
			info.HealthCheck = &v1.HealthCheck{Type: v1.HealthCheck_TCP.Enum(), Tcp: &v1.HealthCheck_TCPCheckInfo{Port: proto.Uint32(80)}, DelaySeconds: proto.Float64(0)}
			f.launch(info, task("beside-"+network, network, command(t, stageAsk, "ASK_DIR", beside.dir), 0))
			ip := address(t, f.running(server), network)
			want := "front [" + ip + "] <nil> <nil>\n"
			reached := func(when string) {
				t.Helper()
				for _, at := range []string{ip + ":80", machine + ":31000", "127.0.0.1:31000"} {
					if got := answer(at); got != want {
						t.Errorf("%s, from the machine at %s: got %q, want %q", when, at, got, want)
					}
				}
				if got := beside.ask(ip + ":80"); got != want {
					t.Errorf("%s, from the task beside: got %q, want %q", when, got, want)
				}
			}
			eventually(t, "the server", func() bool { return answer(ip+":80") == want })
			reached("at first")
			told(t, c, server, ip)

			f.offer() // the present one ends with the agent
			c.Agents[0].Kill()
			reached("without the agent")
			c.Agents[0].Restart()
			c.WaitAgents(1)
			reached("after the agent's restart")
			third := &asker{t: t, dir: t.TempDir()}
			f.launch(task("third-"+network, network, command(t, stageAsk, "ASK_DIR", third.dir), 0))
			if other := address(t, f.running("third-"+network), network); other == ip {
				t.Errorf("address of a new task: got that of another one, %s", ip)
			}
			if got := third.ask(ip + ":80"); got != want {
				t.Errorf("from a task of the new agent: got %q, want %q", got, want)
			}
			for _, name := range []string{server, "beside-" + network, "third-" + network} {
				f.driver.Kill(name, nil)
				s := f.over(name)
				if s.GetState() != v1.TaskState_TASK_KILLED {
					t.Errorf("end of %s: got %v, want TASK_KILLED", name, s)
				}
				address(t, s, network)
			}
			nothingLeft(t)
		})
	}
}

// nothingLeft waits until the containers are taken apart, which is after their end is told.
func nothingLeft(t testing.TB) {
	t.Helper()
	eventually(t, "the end of all networks", func() bool {
		l := leftovers(t)
		return strings.Count(l, "interface ") == 2 && !strings.Contains(l, "nsfs") && !strings.Contains(l, "table")
	})
}

// told looks for the address wherever somebody may look for it.
func told(t testing.TB, c *cluster.Cluster, server, ip string) {
	t.Helper()
	if out := mesos(t, c, "task", "show", server); !strings.Contains(out, ip) {
		t.Errorf("mesos task show: got %s, want %s in it", out, ip)
	}
	for _, url := range []string{c.URL("/state"), c.Agents[0].URL("/state"), c.Agents[0].URL("/containers")} {
		r, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || !bytes.Contains(text, []byte(`"ip_address":"`+ip+`"`)) {
			t.Errorf("%s: got %.2000s, %v, want %s", url, text, err, ip)
		}
	}
	at := machine + ":5300"
	dns := exec.Command(cluster.Binary(t, "mesos"), "dns", "--listen", at)
	dns.Env = append(os.Environ(), "MESOS_MASTER="+c.Addr())
	if err := cluster.StartIn(nil, dns); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = dns.Process.Kill() // it serves until then
		_ = dns.Wait()
	}()
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at)
	}}
	eventually(t, "the name of the task", func() bool {
		addrs, _ := resolver.LookupHost(t.Context(), server+".net.mesos")
		return fmt.Sprint(addrs) == "["+ip+"]"
	})
}

// TestNobodyIsLeft has tasks end while no agent is there: the next one takes their networks
// apart.
func TestNobodyIsLeft(t *testing.T) { byEach(t, nobodyIsLeft) }

func nobodyIsLeft(t *testing.T, made ...string) {
	c, f := start(t, made...)
	var names []string
	for network := range networks {
		names = append(names, "gone-"+network)
		f.launch(task("gone-"+network, network, command(t, stageServe), uint32(31001+len(names))))
		f.running("gone-" + network)
	}
	c.Agents[0].Kill()
	for _, pid := range c.Inhabitants() {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended with another
	}
	if l := leftovers(t); !strings.Contains(l, "interface mesos0") || !strings.Contains(l, "nsfs") {
		t.Errorf("before the agent is back: got %s, want the bridge and namespaces", l)
	}
	c.Agents[0].Restart()
	for _, name := range names {
		f.over(name)
	}
	nothingLeft(t)
}

// TestUnknownNetwork launches a task in a network that there is not.
func TestUnknownNetwork(t *testing.T) {
	_, f := start(t)
	f.launch(task("lost", "wire", command(t, stageServe), 0))
	if s := f.over("lost"); s.GetState() != v1.TaskState_TASK_FAILED || !strings.Contains(s.GetMessage(), `unknown network "wire": want one of mesos0, plugin`) {
		t.Errorf("got %v, want TASK_FAILED with the networks there are", s)
	}
}

// TestGroup has the tasks of a group, which are nested in their executor's container, share its
// network.
func TestGroup(t *testing.T) { byEach(t, grouped) }

func grouped(t *testing.T, made ...string) {
	_, f := start(t, made...)
	beside := &asker{t: t, dir: t.TempDir()}
	tasks := []*v1.TaskInfo{task("one", "", command(t, stageServe), 0), task("two", "", command(t, stageAsk, "ASK_DIR", beside.dir), 0)}
	o := f.offer()
	for _, k := range tasks {
		k.Container, k.AgentId = nil, o.GetAgentId()
	}
	outer := task("group", "mesos0", nil, 31005)
	tasks[0].Resources = append(tasks[0].Resources, resources.MustParse("ports:[31005-31005]").Proto()...)
	f.driver.LaunchGroup(o.GetId(), &v1.ExecutorInfo{
		Type: v1.ExecutorInfo_DEFAULT.Enum(), ExecutorId: ids.Executor("group"), FrameworkId: ids.Framework(f.driver.FrameworkID()),
		Resources: resources.MustParse("cpus:0.1;mem:32;disk:0").Proto(), Container: outer.Container,
	}, tasks, nil)
	ip := address(t, f.running("one"), "mesos0")
	if other := address(t, f.running("two"), "mesos0"); other != ip {
		t.Errorf("addresses of one group: got %s and %s, want the same", ip, other)
	}
	eventually(t, "the server", func() bool { return strings.Contains(answer(ip+":80"), "["+ip+"]") })
	if got := answer(machine + ":31005"); !strings.Contains(got, "["+ip+"]") {
		t.Errorf("by the port of the machine: got %q, want the server", got)
	}
	if got := beside.ask("127.0.0.1:80"); !strings.Contains(got, "["+ip+"] <nil> <nil>") {
		t.Errorf("from the other task of the group: got %q, want the server with its own address", got)
	}
	f.driver.Kill("one", nil)
	f.over("one")
	f.over("two")
	nothingLeft(t)
}
