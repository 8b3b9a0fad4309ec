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
	watch := func() (sees func(parts ...string)) {
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
		return func(parts ...string) {
			t.Helper()
			for deadline := time.Now().Add(patience); !out.has(parts...); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("zkdetect told no line with %q", parts)
				}
			}
		}
	}
	first := watch()
	first("master changed:", host, pid, "Version 1.11.0")
	cl.Master.Stop(syscall.SIGTERM)
	first("master lost")
	cl.Master.Restart()
	watch()("master changed:", host, pid) // another, whose lines are all of what is now
}
