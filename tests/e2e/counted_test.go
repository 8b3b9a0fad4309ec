package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/isolators/catalog"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// The task reads a file of a disk that is nobody else's, has some processes end, and asks somebody on the machine for
// files, who refuses.
const (
	countedEnds  = 40
	countedReads = 512 << 10
	countedAsks  = 20
)

// TestCounted has eBPF programs count what the same task does in containers of each kind: datagrams and bytes that are
// read, to the unit, also of what is sent while there is no agent; and nothing of it stays.
func TestCounted(t *testing.T) {
	t.Parallel()
	for _, maker := range []string{"mesos", "docker", "runc", "crun", "shim", "lxc", "runsc"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			testCounted(t, maker)
		})
	}
}

// byGroup are isolators that act by cgroups, after commas: those that this machine can have.
func byGroup() (list string) {
	_, err := os.Stat("/sys/kernel/btf/vmlinux")
	for _, name := range []string{"cgroups/cpuset", "cgroups/hugetlb", "ebpf/all"} {
		o := catalog.Options{Hierarchy: "/sys/fs/cgroup", Cgroups: cgroups.Options{Root: "mesos"}}
		if _, missing := catalog.Around(name, o); missing == nil && err == nil && os.Geteuid() == 0 {
			list += "," + name
		}
	}
	return list
}

func testCounted(t *testing.T, maker string) {
	cluster.NeedCgroups(t)
	if !strings.Contains(byGroup(), "ebpf/all") {
		t.Skip("no cgroup of version 2 for eBPF, or no BTF")
	}
	disk := countedDisk(t)
	c, cl, runtime, taskOf := startMaker(t, maker, "namespaces/pid,cgroups/cpu,cgroups/mem,ebpf/all,network/ports")
	refuser, waits := startRefuser(t), startWaits(t)
	command := inShell(fmt.Sprintf(`busybox dd if=/disk/file of=/dev/null bs=64k iflag=direct || exit 1
		i=0; while [ $i -lt %d ]; do busybox env >/dev/null; i=$((i+1)); done
		i=0; while [ $i -lt %d ]; do busybox tftp -g -r file$i -l /dev/null 127.0.0.1 %[3]d 2>/dev/null; i=$((i+1)); done
		busybox nc -l -p 2 2>&1 </dev/null
		busybox nc 127.0.0.1 %[4]d </dev/null
		busybox tftp -g -r more -l /dev/null 127.0.0.1 %[3]d; sleep 1000`, countedEnds, countedAsks, refuser.port, waits.port))
	c.launchAll(taskOf("busy", command, disk))
	c.runs("busy")
	eventually(t, "the task to have asked", func() bool { return refuser.files() == countedAsks })
	wantCounted(t, cl, maker, disk, refuser)
	eventually(t, "a port to be refused that is not the task's", func() bool {
		return strings.Contains(sandboxFile(t, cl, "busy", "stdout"), "bind: Operation not permitted\n")
	})

	cl.Agents[0].Kill()
	waits.end()
	eventually(t, "the task to have asked without an agent", func() bool { return refuser.files() == countedAsks+1 })
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	wantCounted(t, cl, maker, disk, refuser)
	_, metrics := get(t, cl.Agents[0].URL("/metrics"))
	if want := "container_network_packets"; !strings.Contains(metrics, want) {
		t.Errorf("/metrics: got none of %s", want)
	}

	c.driver.Kill("busy", nil)
	c.ends(t, cl, "busy", v1.TaskState_TASK_KILLED, "")
	if programs[maker].needs != nil {
		nothingProgrammed(t, cl, runtime)
	}
	eventually(t, "its cgroups to be removed", func() bool { return len(groupsOf(t, cl)) == 0 })
	cl.Agents[0].Stop(syscall.SIGTERM)
	if pins, err := filepath.Glob("/sys/fs/bpf/mesos-cluster-" + filepath.Base(cl.WorkDir) + "/*"); err != nil || len(pins) > 0 {
		t.Errorf("pins of eBPF: got %v, %v, want none", pins, err)
	}
}

// startMaker starts an agent whose containers a maker makes, beside isolators that images need. Tasks have a disk at /disk.
func startMaker(t *testing.T, maker, isolation string) (c *checked, cl *cluster.Cluster, runtime string, taskOf func(id string, command *v1.CommandInfo, disk countedOn) *v1.TaskInfo) {
	t.Helper()
	at := plainRegistry(t)
	flags, runtime := madeBy(t, maker, at, "--isolation=filesystem/linux,docker/runtime,"+isolation)
	c, cl = startContainers(t, flags...)
	return c, cl, runtime, func(id string, command *v1.CommandInfo, disk countedOn) *v1.TaskInfo {
		task := plainTask(maker, at, id, command)
		task.Resources = resources.MustParse("cpus:1;mem:256").Proto() // runsc needs it
		task.Container.Volumes = []*v1.Volume{{ContainerPath: proto.String("/disk"), HostPath: &disk.dir, Mode: v1.Volume_RO.Enum()}}
		return task
	}
}

// groupsOf are the cgroups of a cluster's containers.
func groupsOf(t *testing.T, cl *cluster.Cluster) (left []string) {
	t.Helper()
	all, err := filepath.Glob("/sys/fs/cgroup/*/mesos-cluster-" + filepath.Base(cl.WorkDir) + "/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range all {
		if info, err := os.Stat(g); err == nil && info.IsDir() {
			left = append(left, g)
		}
	}
	return left
}

// wantCounted waits until the agent tells what the task has done.
func wantCounted(t *testing.T, cl *cluster.Cluster, maker string, disk countedOn, r *refuser) {
	t.Helper()
	came, went := r.counts()
	want := map[string]float64{
		"network_packets transmit udp": came.datagrams, "network_packets receive udp": went.datagrams,
		"network_bytes transmit udp": came.bytes, "network_bytes receive udp": went.bytes,
	}
	least := map[string]float64{"cpu_wait_seconds": 1}
	if maker != "runsc" { // which reads by the machine's cache, and whose kernel has the processes
		want["disk_bytes "+disk.number+" read"] = countedReads
		least["process_exits"] = countedEnds
	}
	var got map[string]float64
	defer func() {
		if t.Failed() {
			t.Logf("%s: got %v, want %v and at least %v", maker, got, want, least)
		}
	}()
	eventually(t, "the figures of "+maker, func() bool {
		got = figuresOf(t, cl, "busy")
		for name, n := range want {
			if got[name] != n {
				return false
			}
		}
		for name, n := range least {
			if got[name] < n {
				return false
			}
		}
		return true
	})
	if s := statisticsOf(t, cl, "busy"); s.Sent < came.datagrams || s.Received < went.datagrams {
		t.Errorf("statistics of %s: got %v packets sent and %v received, want %v and %v at least", maker, s.Sent, s.Received, came.datagrams, went.datagrams)
	}
}

// figuresOf are those of an executor's container, by their names and labels; of times their number.
func figuresOf(t *testing.T, cl *cluster.Cluster, executor string) map[string]float64 {
	t.Helper()
	r, err := http.Get(cl.Agents[0].URL("/containers"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var list []struct {
		Executor string `json:"executor_id"`
		Figures  []struct {
			Name   string
			Labels map[string]string
			Value  float64
			Count  float64
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, e := range list {
		for _, f := range e.Figures {
			name := f.Name
			for _, label := range []string{"device", "operation", "direction", "protocol"} {
				if v, has := f.Labels[label]; has {
					name += " " + v
				}
			}
			if e.Executor == executor {
				all[name] = f.Value + f.Count
			}
		}
	}
	return all
}

// refuser is a server of files, of which it has none. It says so once of each, and counts what goes each way.
type refuser struct {
	port int

	mu         sync.Mutex
	told       map[string]bool // by what was asked
	came, went datagrams
}

// datagrams are how many, and their bytes with the headers of IP and UDP.
type datagrams struct{ datagrams, bytes float64 }

func (d *datagrams) add(n int) {
	const headers = 20 + 8
	d.datagrams, d.bytes = d.datagrams+1, d.bytes+float64(n)+headers
}

func startRefuser(t *testing.T) *refuser {
	t.Helper()
	s, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	r := &refuser{port: s.LocalAddr().(*net.UDPAddr).Port, told: map[string]bool{}}
	var done sync.WaitGroup
	done.Go(func() {
		b := make([]byte, 1500)
		for {
			n, from, err := s.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if answer := r.take(b[:n]); answer != nil {
				_, _ = s.WriteToUDPAddrPort(answer, from) // who does not hear it is not counted right, which the test sees
			}
		}
	})
	t.Cleanup(func() {
		s.Close()
		done.Wait()
	})
	return r
}

// take counts a question, and gives the answer; nil to one that was asked again.
func (r *refuser) take(question []byte) []byte {
	answer := []byte("\x00\x05\x00\x01none\x00") // no such file
	r.mu.Lock()
	defer r.mu.Unlock()
	r.came.add(len(question))
	if r.told[string(question)] {
		return nil
	}
	r.told[string(question)] = true
	r.went.add(len(answer))
	return answer
}

// files are how many were asked for.
func (r *refuser) files() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.told)
}

func (r *refuser) counts() (came, went datagrams) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.came, r.went
}

// waits has whoever connects wait for its end.
type waits struct {
	port int
	end  func()
}

func startWaits(t *testing.T) *waits {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	end := sync.OnceFunc(func() { close(over) })
	var done sync.WaitGroup
	done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			done.Go(func() {
				<-over
				c.Close()
			})
		}
	})
	t.Cleanup(func() {
		end()
		l.Close()
		done.Wait()
	})
	return &waits{port: l.Addr().(*net.TCPAddr).Port, end: end}
}

// countedOn is a file system of a disk of its own, with a file.
type countedOn struct{ dir, number string }

func countedDisk(t *testing.T) countedOn {
	t.Helper()
	image := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 8<<20); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	as := func(argv ...string) {
		t.Helper()
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v: %s", argv, err, out)
		}
	}
	as("mke2fs", "-q", "-F", "-t", "ext2", image)
	as("mount", "-o", "loop,noatime", image, dir)
	t.Cleanup(func() { as("umount", dir) })
	if err := os.WriteFile(filepath.Join(dir, "file"), make([]byte, countedReads), 0o644); err != nil {
		t.Fatal(err)
	}
	as("sync", "--file-system", dir)
	var s syscall.Stat_t
	if err := syscall.Stat(dir, &s); err != nil {
		t.Fatal(err)
	}
	return countedOn{dir: dir, number: fmt.Sprintf("%d:%d", s.Dev>>8&0xfff, s.Dev&0xff|s.Dev>>12&0xfff00)}
}
