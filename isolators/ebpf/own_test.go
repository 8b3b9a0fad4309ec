package ebpf

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// TestApart tells nothing of packets that nobody sees, and all of the rest.
func TestApart(t *testing.T) {
	set, i := newMachine(t).ready(t, Options{Apart: true}, []string{All})
	wired := &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), NetworkInfos: []*v1.NetworkInfo{{Name: proto.String("wire")}}}
	engine := &v1.ContainerInfo{Type: v1.ContainerInfo_DOCKER.Enum(), Docker: &v1.ContainerInfo_DockerInfo{Network: v1.ContainerInfo_DockerInfo_BRIDGE.Enum()}}
	for _, c := range []struct {
		id   string
		info *v1.ContainerInfo
		sees bool
	}{
		{"machine", &v1.ContainerInfo{NetworkInfos: []*v1.NetworkInfo{{}}}, true}, {"machine.within", nil, true},
		{"wired", wired, false}, {"wired.within", nil, false}, {"bridged", engine, false},
	} {
		start(t, set, isolators.Container{ID: c.id, Info: c.info}, "exec sleep 1000")
		s := &v1.ResourceStatistics{}
		if err := set.Usage(c.id, s); err != nil || (s.NetRxBytes != nil) != c.sees {
			t.Errorf("%s: got received bytes %v, %v, want that they are told: %v", c.id, s.NetRxBytes, err, c.sees)
		}
		all, err := i.Figures(c.id)
		told, rest := false, false
		for _, f := range all {
			told, rest = told || strings.HasPrefix(f.Name, "network_"), rest || f.Name == "process_exits"
		}
		if err != nil || told != c.sees || !rest {
			t.Errorf("figures of %s: got network %v, processes %v, %v, want %v, true", c.id, told, rest, err, c.sees)
		}
	}
}
