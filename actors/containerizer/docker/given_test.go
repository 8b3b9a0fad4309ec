package docker

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
)

// TestGiven has the engine make nodes and mounts, but no hooks.
func TestGiven(t *testing.T) {
	g := boot.Given{
		Nodes:  []boot.Node{{Path: "/dev/nvidia0", Host: "/at/dev/nvidia0", Major: 195, Access: "rw"}},
		Mounts: []boot.Mount{{Source: "/lib/a", Target: "/a", Flags: unix.MS_BIND | unix.MS_RDONLY}, {Source: "/lib/b", Target: "/b", Flags: unix.MS_BIND}},
	}
	var s engine.Container
	if err := give(&s, g); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s.HostConfig)
	for _, want := range []string{
		`"Devices":[{"PathOnHost":"/at/dev/nvidia0","PathInContainer":"/dev/nvidia0","CgroupPermissions":"rw"}]`,
		`"Mounts":[{"Type":"bind","Source":"/lib/a","Target":"/a","ReadOnly":true},{"Type":"bind","Source":"/lib/b","Target":"/b"}]`,
	} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("got %s, %v, want %s in it", text, err, want)
		}
	}
	g.Hooks = []boot.Hook{{Path: "/hook"}}
	if err := give(&s, g); !errors.Is(err, errHooks) {
		t.Errorf("hooks: got %v, want %v", err, errHooks)
	}
}

// TestPIDsLimit is the agent's, unless the container has one.
func TestPIDsLimit(t *testing.T) {
	r := &Runtime{o: Options{Cgroups: cgroups.Options{PIDs: 60, Asked: []string{"cgroups/pids"}}}}
	for _, c := range []struct {
		parameters []*v1.Parameter
		want       int64
	}{{nil, 60}, {[]*v1.Parameter{{Key: new("pids-limit"), Value: new("7")}}, 7}} {
		info := &v1.ContainerInfo{Docker: &v1.ContainerInfo_DockerInfo{Network: v1.ContainerInfo_DockerInfo_HOST.Enum(), Parameters: c.parameters}}
		s, err := r.specOf(containerizer.Config{Info: info, Sandbox: t.TempDir()}, boot.Given{})
		if err != nil || s.HostConfig.PidsLimit == nil || *s.HostConfig.PidsLimit != c.want {
			t.Errorf("%v: got %+v, %v, want %d", c.parameters, s, err, c.want)
		}
	}
}
