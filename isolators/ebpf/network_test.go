package ebpf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// apart runs what follows it in a network namespace of its own.
const apart = "exec unshare -n "

// in runs one of loads in a container with a network of its own.
func in(t testing.TB, set *isolators.Set, id, load string, env ...string) *isolatortest.Process {
	t.Helper()
	p := start(t, set, isolators.Container{ID: id, Demand: isolators.Demand{Mem: 512 << 20}}, script(load, env...))
	p.Release()
	return p
}

func script(load string, env ...string) string {
	return apart + "env EBPF_TEST_LOAD=" + load + " " + strings.Join(env, " ") + " " + os.Args[0]
}

func TestUDPToTheUnit(t *testing.T) {
	for _, c := range []struct {
		host   string
		header int
	}{{"127.0.0.1", 20 + 8}, {"::1", 40 + 8}} {
		t.Run(c.host, func(t *testing.T) {
			set, _ := newMachine(t).ready(t, Options{}, []string{Network})
			const packets, size = 5000, 137
			idle := start(t, set, isolators.Container{ID: "other"}, "exec sleep 1000")
			idle.Release()
			ended(t, in(t, set, "one", "udp", "HOST="+c.host, fmt.Sprint("PACKETS=", packets), fmt.Sprint("SIZE=", size)))
			bytes := float64(packets * (size + c.header))
			want(t, figures(t, set, "one"), map[string]float64{
				"network_packets transmit udp": packets, "network_packets receive udp": packets,
				"network_bytes transmit udp": bytes, "network_bytes receive udp": bytes,
				"network_drops transmit udp": 0, "network_drops receive udp": 0,
				"network_packets transmit tcp": 0, "network_policed transmit": 0, "network_retransmits": 0,
			})
			want(t, figures(t, set, "other"), map[string]float64{"network_packets transmit udp": 0, "network_packets receive udp": 0})
			s := &v1.ResourceStatistics{}
			if err := set.Usage("one", s); err != nil {
				t.Fatal(err)
			}
			if s.GetNetTxPackets() != packets || s.GetNetRxBytes() != uint64(bytes) {
				t.Errorf("statistics: got %d packets sent and %d bytes received, want %d and %v", s.GetNetTxPackets(), s.GetNetRxBytes(), packets, bytes)
			}
		})
	}
}

// What a nested container does is its parent's, too.
func TestNestedCounts(t *testing.T) {
	set, _ := newMachine(t).ready(t, Options{}, []string{Network})
	start(t, set, isolators.Container{ID: "one"}, "exec sleep 1000").Release()
	ended(t, in(t, set, "one.inner", "udp", "HOST=127.0.0.1", "PACKETS=100", "SIZE=10"))
	for _, id := range []string{"one", "one.inner"} {
		want(t, figures(t, set, id), map[string]float64{"network_packets transmit udp": 100, "network_bytes receive udp": 3800})
	}
}

func TestDrops(t *testing.T) {
	set, _ := newMachine(t).ready(t, Options{}, []string{Network})
	const packets = 500
	read, err := strconv.Atoi(strings.TrimSpace(ended(t, in(t, set, "one", "overflow", "HOST=127.0.0.1", fmt.Sprint("PACKETS=", packets)))))
	if err != nil || read >= packets {
		t.Fatalf("load: got %d packets, %v, want fewer than %d", read, err, packets)
	}
	want(t, figures(t, set, "one"), map[string]float64{
		"network_packets receive udp": packets, "network_drops receive udp": float64(packets - read), "network_drops transmit udp": 0,
	})
}

// counters of the interface lo in the network of a process: received and sent bytes, packets.
func counters(t testing.TB, pid int) (bytes, packets float64) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/dev", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); f[0] == "lo:" {
			bytes, _ = strconv.ParseFloat(f[1], 64)
			packets, _ = strconv.ParseFloat(f[2], 64)
		}
	}
	return bytes, packets
}

// tcp is a counter of TCP in the network of a process: "InSegs".
func tcp(t testing.TB, pid int, counter string) (n float64) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/snmp", pid))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if f[0] != "Tcp:" {
			continue
		}
		if names == nil {
			names = f
		} else {
			n, err = strconv.ParseFloat(f[slices.Index(names, counter)], 64)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// While a TCP connection is open, packets and bytes are those of the interface, or of what
// that would have cut up where it does not.
func TestTCPToTheUnit(t *testing.T) {
	set, _ := newMachine(t).ready(t, Options{}, []string{Network})
	const sent, header = 20 << 20, 20 + 20 + 12 // TCP has a time in each
	done := filepath.Join(t.TempDir(), "done")
	p := in(t, set, "one", "tcp", fmt.Sprint("BYTES=", sent), "DONE="+done)
	var last string
	defer func() {
		if t.Failed() {
			t.Log(last)
		}
	}()
	isolatortest.Eventually(t, "the figures of the interface", func() bool {
		bytes, passed := counters(t, p.PID)
		got := figures(t, set, "one")
		packets := got["network_packets transmit tcp"]
		bytes += (packets - passed) * header // what the interface did not cut up
		last = fmt.Sprint("want ", passed, " packets, ", bytes, " bytes; got ", got)
		return bytes > sent && passed <= packets && got["network_connections"] == 2 && got["network_bytes transmit tcp"] == bytes &&
			got["network_bytes receive tcp"] == bytes && got["network_packets receive tcp"] == packets
	})
	if err := os.WriteFile(done, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ended(t, p)
	isolatortest.Eventually(t, "no open connection", func() bool { return figures(t, set, "one")["network_connections"] == 0 })
}

// A limit of the rate drops packets, which TCP sends again.
func TestRetransmits(t *testing.T) {
	set, _ := newMachine(t).ready(t, Options{Egress: 4 << 20}, []string{Network})
	done := filepath.Join(t.TempDir(), "done")
	p := in(t, set, "one", "tcp", fmt.Sprint("BYTES=", 4<<20), "DONE="+done)
	isolatortest.Eventually(t, "segments that are sent again", func() bool {
		got := figures(t, set, "one")
		return got["network_retransmits"] > 0 && got["network_policed transmit"] > 0 && got["network_retransmits"] <= tcp(t, p.PID, "RetransSegs")
	})
	if err := os.WriteFile(done, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ended(t, p)
}

func TestRate(t *testing.T) {
	const rate, packets, size = 1 << 20, 20000, 1000
	set, _ := newMachine(t).ready(t, Options{Egress: rate}, []string{Network})
	took, err := strconv.ParseFloat(strings.TrimSpace(ended(t, in(t, set, "one", "flood", fmt.Sprint("PACKETS=", packets), fmt.Sprint("SIZE=", size)))), 64)
	if err != nil {
		t.Fatal(err)
	}
	got := figures(t, set, "one")
	passed, policed := got["network_packets transmit udp"], got["network_policed transmit"]
	if passed+policed != packets || policed == 0 {
		t.Errorf("got %v packets sent and %v dropped, want %d together", passed, policed, packets)
	}
	// What passes is one packet more at most: the one that makes the debt.
	most := rate*(took/1e9+burst.Seconds()) + size + 28
	if bytes := got["network_bytes transmit udp"]; bytes > most || bytes < rate*burst.Seconds() {
		t.Errorf("got %v bytes in %v s, want %v at most and a burst at least", bytes, took/1e9, most)
	}
	s := &v1.ResourceStatistics{}
	if err := set.Usage("one", s); err != nil || s.GetNetTxRateLimit() != rate || s.NetRxRateLimit != nil {
		t.Errorf("statistics: got limits %v and %v, %v, want %d sent and none received", s.NetTxRateLimit, s.NetRxRateLimit, err, rate)
	}
}

func TestPorts(t *testing.T) {
	set, _ := newMachine(t).ready(t, Options{}, []string{Ports})
	given := isolators.Demand{Mem: 512 << 20, Ports: []resources.Range{{Begin: 1000, End: 1010}}}
	p := start(t, set, isolators.Container{ID: "one", Demand: given}, script("bind"))
	p.Release()
	answers := "tcp4 0 yes\ntcp4 999 no\ntcp4 1000 yes\ntcp4 1010 yes\ntcp4 1011 no\ntcp4 40000 no\n" +
		"udp6 0 yes\nudp6 999 no\nudp6 1000 yes\nudp6 1010 yes\nudp6 1011 no\nudp6 40000 no\n"
	if got := ended(t, p); got != answers {
		t.Errorf("got %s, want %s", got, answers)
	}
	p = start(t, set, isolators.Container{ID: "two", Demand: isolators.Demand{Mem: 512 << 20}}, "./unchanged 2>/dev/null; "+script("bind"))
	if err := set.Update(t.Context(), "two", given); err != nil {
		t.Fatal(err)
	}
	p.Release()
	if got := ended(t, p); got != answers {
		t.Errorf("after an update: got %s, want %s", got, answers)
	}
	bridged := &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), NetworkInfos: []*v1.NetworkInfo{{Name: proto.String("wire")}}}
	p = start(t, set, isolators.Container{ID: "elsewhere", Demand: given, Info: bridged}, script("bind"))
	p.Release()
	if got, want := ended(t, p), strings.ReplaceAll(answers, "no", "yes"); got != want {
		t.Errorf("in a network of its own: got %s, want %s", got, want)
	}
	var many []resources.Range
	for n := range uint64(40) {
		many = append(many, resources.Range{Begin: 2 * n, End: 2 * n})
	}
	err := set.Prepare(t.Context(), isolators.Container{ID: "three", Demand: isolators.Demand{Ports: many}}, &boot.Launch{})
	if err == nil || !strings.Contains(err.Error(), "40 ranges with gaps between them: want at most 32") {
		t.Errorf("too many ranges: got %v", err)
	}
	if err := set.Cleanup(t.Context(), "three"); err != nil {
		t.Error(err)
	}
}

func TestOpenPorts(t *testing.T) {
	type rs = []resources.Range
	for _, c := range []struct{ own, policed, want rs }{
		{nil, nil, nil},
		{rs{{Begin: 5, End: 6}, {Begin: 7, End: 9}, {Begin: 20, End: 20}}, nil, rs{{Begin: 5, End: 9}, {Begin: 20, End: 20}}},
		{nil, rs{{Begin: 100, End: 200}}, rs{{Begin: 0, End: 99}, {Begin: 201, End: 65535}}},
		{rs{{Begin: 150, End: 160}}, rs{{Begin: 100, End: 200}}, rs{{Begin: 0, End: 99}, {Begin: 150, End: 160}, {Begin: 201, End: 65535}}},
		{rs{{Begin: 100, End: 100}}, rs{{Begin: 0, End: 65535}}, rs{{Begin: 100, End: 100}}},
		{rs{{Begin: 7, End: 100000}}, nil, rs{{Begin: 7, End: 65535}}},
	} {
		if got := openPorts(c.own, c.policed); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("own %v, policed %v: got %v, want %v", c.own, c.policed, got, c.want)
		}
	}
}

// pinned are the ids of the programs whose links are pinned, by path.
func pinned(t testing.TB, dir string) map[string]ebpf.ProgramID {
	t.Helper()
	out := make(map[string]ebpf.ProgramID)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(path, versioned) {
			return err
		}
		l, err := link.LoadPinnedLink(path, nil)
		if err != nil {
			return err
		}
		defer l.Close()
		info, err := l.Info()
		if err == nil {
			out[path] = info.Program
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The kernel counts on while no agent runs, and the next one goes on with the same figures.
func TestAgentRestarts(t *testing.T) {
	m := newMachine(t)
	set, i := m.ready(t, Options{}, []string{All, Ports})
	again := filepath.Join(t.TempDir(), "again")
	const packets = 300
	load := strings.TrimPrefix(script("udp", "HOST=127.0.0.1", fmt.Sprint("PACKETS=", packets), "SIZE=100"), "exec ")
	p := start(t, set, isolators.Container{ID: "one", Demand: isolators.Demand{Mem: 512 << 20, Ports: []resources.Range{{Begin: 1, End: 2}}}}, load+" && while [ ! -e "+again+" ]; do sleep 0.05; done; "+load)
	dies := start(t, set, isolators.Container{ID: "dies"}, "exec sleep 1000")
	dies.Release()
	p.Release()
	isolatortest.Eventually(t, "the first packets", func() bool { return figures(t, set, "one")["network_packets receive udp"] == packets })
	before := pinned(t, i.dir)
	set.Close()
	if err := os.WriteFile(again, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ended(t, p)
	set, i = m.ready(t, Options{}, []string{All, Ports}, isolators.Live{ID: "one", PID: p.PID})
	t.Cleanup(func() { _ = set.Cleanup(t.Context(), "one") })
	if after := pinned(t, i.dir); fmt.Sprint(after) != fmt.Sprint(before) || len(after) < 10 {
		t.Errorf("got programs %v, want those of before: %v", after, before)
	}
	got := figures(t, set, "one")
	want(t, got, map[string]float64{"network_packets transmit udp": 2 * packets, "network_packets receive udp": 2 * packets, "network_bytes receive udp": 2 * packets * 128})
	if got["process_exits"] < 3 {
		t.Errorf("got %v ends of processes, want those of before and after", got["process_exits"])
	}
	if _, err := i.Figures("dies"); !errors.Is(err, isolators.ErrUnknownContainer) {
		t.Errorf("figures of one that died: got %v, want %v", err, isolators.ErrUnknownContainer)
	}
	if err := set.Cleanup(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	set.Close()
	gone(t, before)
}

// gone waits until the kernel has let go of programs.
func gone(t testing.TB, programs map[string]ebpf.ProgramID) {
	t.Helper()
	for path, id := range programs {
		isolatortest.Eventually(t, "end of program "+path, func() bool {
			p, err := ebpf.NewProgramFromID(id)
			if err == nil {
				_ = p.Close()
			}
			return errors.Is(err, fs.ErrNotExist)
		})
	}
}

// Programs of another version of ours give way, and the figures stay.
func TestOtherVersion(t *testing.T) {
	m := newMachine(t)
	set, i := m.ready(t, Options{}, []string{Network})
	ended(t, in(t, set, "one", "udp", "HOST=127.0.0.1", "PACKETS=10", "SIZE=100"))
	old := pinned(t, i.dir)
	set.Close()
	for path := range old {
		l, err := link.LoadPinnedLink(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.Unpin(), l.Pin(path[:strings.Index(path, versioned)]+versioned+"000000000000"), l.Close()); err != nil {
			t.Fatal(err)
		}
	}
	set, i = m.ready(t, Options{}, []string{Network}, isolators.Live{ID: "one", PID: os.Getpid()})
	t.Cleanup(func() { _ = set.Cleanup(t.Context(), "one") })
	now := pinned(t, i.dir)
	for path := range now {
		if strings.HasSuffix(path, "000000000000") || len(now) != len(old) {
			t.Errorf("got links %v, want none of the other version and as many as before", now)
		}
	}
	gone(t, old)
	want(t, figures(t, set, "one"), map[string]float64{"network_packets transmit udp": 10})
	if err := set.Cleanup(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
}
