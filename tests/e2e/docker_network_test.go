package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/box"
	"mesos/tests/cluster"
)

// serves is a web server of busybox that says who it is.
const serves = `mkdir -p /tmp/www && echo %s >/tmp/www/index.html && exec busybox httpd -f -p 80 -h /tmp/www`

// httpHealth asks the container's own port 80.
func httpHealth() *v1.HealthCheck {
	h := often(1000)
	h.Type, h.Http = v1.HealthCheck_HTTP.Enum(), &v1.HealthCheck_HTTPCheckInfo{Port: proto.Uint32(80), Path: proto.String("/index.html")}
	return h
}

// TestDockerNetworks runs tasks in each network that a Docker engine has, and one
// executor of a framework; all of them reach the agent.
func TestDockerNetworks(t *testing.T) {
	t.Parallel()
	e := startEngine(t, inOwnNetwork, "--ip6tables=false")
	e.load("box:1", box.Image(t, gcr.Config{}), "ENV PATH=/bin")
	e.cli(nil, "-H", "unix://"+e.socket, "network", "create", "--subnet=172.30.0.0/24", "mine")
	c, cl := startContainers(t, "--containerizers=docker", "--docker_socket="+e.socket, "--docker_remove_delay=0secs")
	in := func(n v1.ContainerInfo_DockerInfo_Network) func(*v1.ContainerInfo) {
		return func(i *v1.ContainerInfo) { i.Docker.Network = n.Enum() }
	}
	mapped := func(i *v1.ContainerInfo) {
		i.Docker.PortMappings = []*v1.ContainerInfo_DockerInfo_PortMapping{{HostPort: proto.Uint32(31000), ContainerPort: proto.Uint32(80)}}
	}
	named := func(i *v1.ContainerInfo) {
		i.Hostname = proto.String("named")
		i.NetworkInfos = []*v1.NetworkInfo{{Name: proto.String("mine"), IpAddresses: []*v1.NetworkInfo_IPAddress{{IpAddress: proto.String("172.30.0.77")}}}}
	}
	bridge := dockerTask("bridge", "box:1", inShell(fmt.Sprintf(serves, "bridge")), in(v1.ContainerInfo_DockerInfo_BRIDGE), mapped)
	bridge.Resources = resources.MustParse("cpus:0.25;mem:64;ports:[31000-31000]").Proto()
	bridge.HealthCheck = httpHealth()
	user := dockerTask("user", "box:1", inShell("hostname; "+fmt.Sprintf(serves, "user")), in(v1.ContainerInfo_DockerInfo_USER), named, with("network-alias=also"))
	user.HealthCheck = httpHealth()
	none := dockerTask("none", "box:1", inShell("busybox ip -o link | busybox wc -l; exit 5"), in(v1.ContainerInfo_DockerInfo_NONE))
	lost := dockerTask("lost", "box:1", inShell("true"), in(v1.ContainerInfo_DockerInfo_USER))
	c.launchAll(bridge, user, none, lost)
	c.ends(t, cl, "lost", v1.TaskState_TASK_FAILED, "container.network_infos")
	c.ends(t, cl, "none", v1.TaskState_TASK_FAILED, "status 5")
	if got := strings.TrimSpace(sandboxFile(t, cl, "none", "stdout")); got != "1" {
		t.Errorf("interfaces in network NONE: got %s, want the loopback alone", got)
	}
	for task, address := range map[string]string{"bridge": "172.17.0.", "user": "172.30.0.77"} {
		s := c.runs(task)
		if got := s.GetContainerStatus().GetNetworkInfos()[0].GetIpAddresses()[0].GetIpAddress(); !strings.HasPrefix(got, address) {
			t.Errorf("address of %s: got %s, want %s", task, got, address)
		}
		if got := s.GetLabels().GetLabels(); len(got) != 1 || got[0].GetKey() != "Docker.NetworkSettings.IPAddress" || !strings.HasPrefix(got[0].GetValue(), address) {
			t.Errorf("labels of %s: got %v, want the address", task, got)
		}
		c.healthy(t, task)
	}
	// From the engine's machine, as it were: its network.
	for url, want := range map[string]string{"http://127.0.0.1:31000/": "bridge\n", "http://172.30.0.77/": "user\n"} {
		out, err := exec.Command("nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", e.pid), cluster.Binary(t, "mesos-probe"), url).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != "200" {
			t.Errorf("%s of %q: got %q, %v, want 200", url, want, out, err)
		}
	}
	if got := sandboxFile(t, cl, "user", "stdout"); got != "named\n" {
		t.Errorf("host name: got %q, want named", got)
	}
	for _, task := range []string{"bridge", "user"} {
		c.driver.Kill(task, nil)
		c.ends(t, cl, task, v1.TaskState_TASK_KILLED, "")
	}
	eventually(t, "all containers to be removed", func() bool { return len(e.agents()) == 0 })
}

// TestDockerExecutor runs an executor of a framework in a container, with the
// machine's network. It is our own, and its task has no command: it says so, which
// takes that it was started, found its environment and reached the agent.
func TestDockerExecutor(t *testing.T) {
	t.Parallel()
	e := startEngine(t, "", machinesNetwork...)
	e.load("box:1", box.Image(t, gcr.Config{}), "ENV PATH=/bin")
	c, cl := startContainers(t, "--containerizers=docker,mesos", "--docker_socket="+e.socket, "--docker_remove_delay=0secs")
	program, err := os.ReadFile(cluster.Binary(t, "mesos-executor"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "executor"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	task := dockerTask("inside", "box:1", nil)
	task.Executor = &v1.ExecutorInfo{
		ExecutorId: ids.Executor("theirs"), Resources: resources.MustParse("cpus:0.1;mem:64").Proto(), Command: &v1.CommandInfo{Value: proto.String("exec /their/executor")},
		Container: &v1.ContainerInfo{
			Type: v1.ContainerInfo_DOCKER.Enum(), Docker: &v1.ContainerInfo_DockerInfo{Image: proto.String("box:1"), Network: v1.ContainerInfo_DockerInfo_HOST.Enum()},
			Volumes: []*v1.Volume{{ContainerPath: proto.String("/their"), HostPath: &dir, Mode: v1.Volume_RO.Enum()}},
		},
	}
	task.Container = nil
	c.launchAll(task)
	eventually(t, "the executor to run", func() bool { return len(e.agents()) == 1 })
	s := c.ends(t, cl, "inside", v1.TaskState_TASK_FAILED, "command.value")
	if s.GetSource() != v1.TaskStatus_SOURCE_EXECUTOR {
		t.Errorf("source of the end: got %v, want the executor", s.GetSource())
	}
	eventually(t, "all containers to be removed", func() bool { return len(e.agents()) == 0 })
}
