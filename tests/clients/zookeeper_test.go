package clients

import (
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
	"mesos/tests/zookeeper"
)

// TestPymesosByZooKeeper lets pymesos find the master in ZooKeeper, with kazoo.
func TestPymesosByZooKeeper(t *testing.T) {
	t.Parallel()
	testPymesos(t, zookeeper.Start(t, 2*time.Second))
}

// TestZkdetect lets mesos-go watch who leads: a master that comes, goes and comes again.
func TestZkdetect(t *testing.T) {
	t.Parallel()
	bin, err := cluster.BuildModule("tests/clients/mesosgo", mesosGoV0+"zkdetect")
	if err != nil {
		t.Fatal(err)
	}
	zk := zookeeper.Start(t, 2*time.Second)
	cl := cluster.Start(t, cluster.Options{
		Separate: true, Agents: cluster.None, MasterFlags: []string{"--zk_announce=" + zk.URL()},
	})
	host, pid := "Hostname "+cl.IP(), "Pid master@"+cl.Addr()
	seen := func(parts ...string) (*lines, func()) {
		t.Helper()
		var out lines
		watch := exec.Command(filepath.Join(bin, "zkdetect"), "-masters", zk.URL(), "-logtostderr")
		watch.Stdout, watch.Stderr = &out, &out
		if err := watch.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = watch.Process.Kill() // it never ends by itself
			_ = watch.Wait()
			if t.Failed() {
				t.Logf("--- output of zkdetect\n%s", lastLines(out.b.String(), 40))
			}
		})
		wait := func() {
			t.Helper()
			for deadline := time.Now().Add(patience); !out.has(parts...); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("zkdetect told no line with %q", parts)
				}
			}
		}
		return &out, wait
	}
	// Each watcher prints what it is there for once, whatever else it sees.
	_, told := seen("master changed:", host, pid, "Version 1.11.0")
	told()
	_, lost := seen("master lost")
	_, again := seen("master changed:", host, pid)
	again()
	cl.Master.Stop(syscall.SIGTERM)
	lost()
	cl.Master.Restart()
	_, back := seen("master changed:", host, pid)
	back()
}
