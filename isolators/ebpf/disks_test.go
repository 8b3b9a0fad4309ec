package ebpf

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// loop makes a disk of some bytes, and gives its path and number.
func loop(t testing.TB, size int64) (path, number string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
	path = command(t, "losetup", "--find", "--show", file)
	t.Cleanup(func() { command(t, "losetup", "--detach", path) })
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		t.Fatal(err)
	}
	return path, fmt.Sprintf("%d:%d", unix.Major(s.Rdev), unix.Minor(s.Rdev))
}

const (
	block  = 64 << 10
	blocks = 48
)

func TestDirectIO(t *testing.T) {
	disk, number := loop(t, blocks*block)
	set, _ := newMachine(t).ready(t, Options{}, []string{IO})
	p := start(t, set, isolators.Container{ID: "one", Demand: demand}, fmt.Sprintf("dd if=/dev/zero of=%s bs=%d count=%d oflag=direct conv=notrunc && exec dd if=%[1]s of=/dev/null bs=%[2]d count=%[4]d iflag=direct",
		disk, block, blocks, blocks/2))
	p.Release()
	ended(t, p)
	got := figures(t, set, "one")
	want(t, got, map[string]float64{
		"disk_bytes " + number + " write": blocks * block, "disk_operations " + number + " write": blocks,
		"disk_bytes " + number + " read": blocks / 2 * block, "disk_operations " + number + " read": blocks / 2,
		"disk_latency_seconds " + number + " write count": blocks, "disk_latency_seconds " + number + " read count": blocks / 2,
	})
	if got["disk_latency_seconds "+number+" write sum"] <= 0 {
		t.Error("got no time that writing took")
	}
	s := &v1.ResourceStatistics{}
	if err := set.Usage("one", s); err != nil {
		t.Fatal(err)
	}
	bytes := uint64(0)
	for _, d := range s.GetBlkioStatistics().GetThrottling() {
		if fmt.Sprintf("%d:%d", d.GetDevice().GetMajorNumber(), d.GetDevice().GetMinorNumber()) == number {
			for _, v := range d.GetIoServiceBytes() {
				bytes += v.GetValue()
			}
		}
	}
	if want := uint64(blocks*block + blocks/2*block); bytes != want {
		t.Errorf("statistics: got %d bytes, want %d", bytes, want)
	}
}

// What is written to memory only counts for its owner when the kernel writes it to the disk, as the test has it do here.
func TestBufferedIO(t *testing.T) {
	disk, number := loop(t, blocks*block)
	m := newMachine(t)
	if m.layout.V1["memory"] == "" && len(m.layout.V2Controllers) == 0 {
		t.Skip("no cgroup tells whose memory it is")
	}
	set, _ := m.ready(t, Options{}, []string{IO})
	// As long as it is open somewhere, the kernel does not write just because it is closed.
	open, err := os.OpenFile(disk, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	start(t, set, isolators.Container{ID: "other", Demand: demand}, "exec sleep 1000").Release()
	p := start(t, set, isolators.Container{ID: "one", Demand: demand}, fmt.Sprintf("exec dd if=/dev/zero of=%s bs=%d count=%d conv=notrunc", disk, block, blocks))
	p.Release()
	ended(t, p)
	if err := open.Sync(); err != nil {
		t.Fatal(err)
	}
	want(t, figures(t, set, "one"), map[string]float64{"disk_bytes " + number + " write": blocks * block})
	p = start(t, set, isolators.Container{ID: "reader", Demand: demand}, "echo 1 >/dev/null; exec dd if="+disk+" of=/dev/null bs=65536 iflag=direct")
	p.Release()
	ended(t, p)
	want(t, figures(t, set, "reader"), map[string]float64{"disk_bytes " + number + " read": blocks * block, "disk_bytes " + number + " write": 0})
	if n, any := figures(t, set, "other")["disk_bytes "+number+" write"]; any {
		t.Errorf("got %v bytes written by a container that sleeps, want none", n)
	}
}

// The figures of a container go with it, those of others on the same disk stay.
func TestFiguresEnd(t *testing.T) {
	disk, number := loop(t, blocks*block)
	set, i := newMachine(t).ready(t, Options{}, []string{IO})
	for _, id := range []string{"one", "two"} {
		p := start(t, set, isolators.Container{ID: id, Demand: demand}, fmt.Sprintf("exec dd if=/dev/zero of=%s bs=%d count=%d oflag=direct conv=notrunc", disk, block, blocks))
		p.Release()
		ended(t, p)
	}
	one := i.known["one"]
	kept := func() (n int) {
		all, err := keys[ioDiskKey](i.parts[0].(*disks).maps["disks"])
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range all {
			if k.Id == one.id {
				n++
			}
		}
		return n
	}
	if kept() == 0 {
		t.Error("got no figures of a container that has written")
	}
	if err := set.Cleanup(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if n := kept(); n != 0 {
		t.Errorf("got figures of %d disks of a container that is gone, want none", n)
	}
	want(t, figures(t, set, "two"), map[string]float64{"disk_bytes " + number + " write": blocks * block})
}
