package ebpf

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	"mesos/isolators/isolatortest"
)

// TestAround counts what a container does whose cgroups are made by another program within those that were made for it:
// packets, and whose memory it is that is written to a disk.
func TestAround(t *testing.T) {
	disk, number := loop(t, blocks*block)
	m := newMachine(t)
	around, err := cgroups.NewAround(m.layout, cgroups.Options{Root: m.root})
	if err != nil {
		t.Fatal(err)
	}
	i, err := New(around, Options{FS: m.fs, Dir: "test"}, All)
	if err != nil {
		t.Fatal(err)
	}
	set := isolators.NewSet(around, i)
	t.Cleanup(set.Close)
	if err := set.Recover(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := set.Prepare(t.Context(), isolators.Container{ID: "one", Demand: demand}, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	made := []cgroup.Dir{{Kernel: m.layout.Kernel, Version: 2, Path: filepath.Join(around.Place("one").V2, "container")}}
	if at := m.layout.V1["memory"]; at != "" {
		made = append(made, cgroup.Dir{Kernel: m.layout.Kernel, Version: 1, Path: filepath.Join(at, m.root, "one", "container")})
	} else if slices.Contains(m.layout.V2Controllers, "memory") {
		for _, at := range []string{m.layout.V2, around.Place("").V2, around.Place("one").V2} { // as programs do
			if err := (cgroup.Dir{Kernel: m.layout.Kernel, Version: 2, Path: at}).Write("cgroup.subtree_control", "+memory"); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Cleanup(func() {
		if err := cgroup.Empty(context.Background(), made...); err != nil {
			t.Error(err)
		}
		if err := cgroup.Remove(context.Background(), made...); err != nil {
			t.Error(err)
		}
		if err := set.Cleanup(context.Background(), "one"); err != nil {
			t.Error(err)
		}
	})
	open, err := os.OpenFile(disk, os.O_RDWR, 0) // see TestBufferedIO
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	const packets = 200
	p := isolatortest.Start(t, fmt.Sprintf("dd if=/dev/zero of=%s bs=%d count=%d conv=notrunc && ", disk, block, blocks)+script("udp", "HOST=127.0.0.1", fmt.Sprint("PACKETS=", packets), "SIZE=100"))
	for _, d := range made {
		if err := d.Make(); err != nil {
			t.Fatal(err)
		}
		if err := d.Write("cgroup.procs", fmt.Sprint(p.PID)); err != nil {
			t.Fatal(err)
		}
	}
	p.Release()
	ended(t, p)
	if err := open.Sync(); err != nil {
		t.Fatal(err)
	}
	want(t, figures(t, set, "one"), map[string]float64{
		"network_packets transmit udp": packets, "network_packets receive udp": packets, "network_bytes transmit udp": packets * 128,
		"disk_bytes " + number + " write": blocks * block,
	})
}
