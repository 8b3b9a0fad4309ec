package cgroup

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"mesos/isolators"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hybrid = `22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 0:25 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
31 30 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
32 30 0:27 / /sys/fs/cgroup/memory rw - cgroup none rw,memory
33 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup systemd rw,xattr,name=systemd
34 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
35 22 0:27 / /mnt/memory rw - cgroup none rw,memory
36 22 0:29 / /sys/fs/cgroupother rw - cgroup2 cgroup2 rw
37 30 0:31 / /sys/fs/cgroup/a\040b rw - cgroup cgroup rw,pids
`

func TestParseMounts(t *testing.T) {
	l, err := parseMounts(strings.NewReader(hybrid), "/sys/fs/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"cpu": "/sys/fs/cgroup/cpu,cpuacct", "cpuacct": "/sys/fs/cgroup/cpu,cpuacct", "memory": "/sys/fs/cgroup/memory", "pids": "/sys/fs/cgroup/a b"}
	if !maps.Equal(l.V1, want) || l.V2 != "/sys/fs/cgroup/unified" {
		t.Errorf("got %v and %s, want %v and /sys/fs/cgroup/unified", l.V1, l.V2, want)
	}
	l, err = parseMounts(strings.NewReader("34 30 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"), "/sys/fs/cgroup")
	if err != nil || l.V2 != "/sys/fs/cgroup" {
		t.Errorf("v2 alone: got %v, %v", l, err)
	}
}

func TestVersion(t *testing.T) {
	l := &Layout{V1: map[string]string{"cpu": "/a", "cpuacct": "/b"}, V2: "/c", V2Controllers: []string{"memory", "io"}}
	for _, c := range []struct {
		v1, v2 []string
		want   int
	}{
		{[]string{"cpu", "cpuacct"}, []string{"cpu"}, 1},
		{[]string{"memory"}, []string{"memory"}, 2},
		{[]string{"devices"}, nil, 2},
		{[]string{"pids"}, []string{"pids"}, 0},
		{[]string{"cpu", "pids"}, []string{"memory", "pids"}, 0},
	} {
		got, err := l.Version(c.v1, c.v2)
		var missing *isolators.MissingError
		if got != c.want || (got == 0) != errors.As(err, &missing) {
			t.Errorf("%v or %v: got %d, %v, want %d", c.v1, c.v2, got, err, c.want)
		}
	}
}

func FuzzParseMounts(f *testing.F) {
	f.Add(hybrid)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parseMounts(strings.NewReader(text), "/sys/fs/cgroup")
		if err != nil {
			return
		}
		for _, at := range append(slices.Collect(maps.Values(l.V1)), l.V2) {
			if at != "" && !strings.HasPrefix(at, "/sys/fs/cgroup") {
				t.Errorf("%q is outside the hierarchy", at)
			}
		}
	})
}
