package services

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/discovery"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry/catalog"
)

// running is a task named "web" with two ports of its agent.
func running(change func(*v1.Task)) *discovery.Running {
	t := &v1.Task{
		Name: proto.String("web"), TaskId: ids.Task("t1"), FrameworkId: ids.Framework("f1"), AgentId: ids.Agent("m-S1"),
		State: v1.TaskState_TASK_RUNNING.Enum(), Resources: resources.MustParse("cpus:1;ports:[31000-31001]").Proto(),
	}
	change(t)
	return &discovery.Running{Task: t, Framework: "marathon", Agent: discovery.Agent{ID: "m-S1", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, Port: 5051}}
}

func label(kv ...string) *v1.Labels {
	out := &v1.Labels{}
	for i := 0; i < len(kv); i += 2 {
		out.Labels = append(out.Labels, &v1.Label{Key: &kv[i], Value: &kv[i+1]})
	}
	return out
}

func status(healthy *bool, ips ...string) []*v1.TaskStatus {
	s := &v1.TaskStatus{State: v1.TaskState_TASK_RUNNING.Enum(), Healthy: healthy}
	for _, ip := range ips {
		s.ContainerStatus = &v1.ContainerStatus{NetworkInfos: []*v1.NetworkInfo{{IpAddresses: []*v1.NetworkInfo_IPAddress{{IpAddress: &ip}}}}}
	}
	return []*v1.TaskStatus{s}
}

func port(number uint32, name string, l *v1.Labels) *v1.Port {
	return &v1.Port{Number: &number, Name: proto.String(name), Protocol: proto.String("tcp"), Labels: l}
}

// short is an entry on a line: ids are left out of its metadata.
func short(e catalog.Entry) string {
	for _, k := range []string{"mesos_task_id", "mesos_framework_id", "mesos_agent_id"} {
		delete(e.Meta, k)
	}
	return fmt.Sprintf("%s %s:%d %v %v %v", e.Service, e.Addr, e.Port, e.Tags, e.Meta, e.Healthy)
}

func TestEntries(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*v1.Task)
		want   string
	}{
		{"ports of the agent", func(*v1.Task) {}, "web 10.0.0.1:31000 [marathon] map[] true\nweb-1 10.0.0.1:31001 [marathon] map[] true"},
		{"named ports of the container", func(t *v1.Task) {
			t.Discovery = &v1.DiscoveryInfo{Name: proto.String("shop/front"), Ports: &v1.Ports{Ports: []*v1.Port{port(80, "http", nil), port(9000, "admin", nil), port(80, "udp", nil)}}}
			t.Statuses = status(nil, "172.16.0.7")
		}, "shopfront 172.16.0.7:80 [http marathon] map[] true\nshopfront-admin 172.16.0.7:9000 [admin marathon] map[] true"},
		{"labels", func(t *v1.Task) {
			t.Labels = label("tags", "a, b,,a", "overrideTaskName", "Store", "owner.team", "x", "traefik.enable", "true", "long", strings.Repeat("v", 513), "consul-x", "y")
			t.Discovery = &v1.DiscoveryInfo{Ports: &v1.Ports{Ports: []*v1.Port{port(80, "", label("owner.team", "y", "traefik.port", "80"))}}}
		}, "store 10.0.0.1:80 [a b marathon traefik.enable=true traefik.port=80] map[owner_team:y] true"},
		{"a check without a result", func(t *v1.Task) {
			t.HealthCheck, t.Resources = &v1.HealthCheck{}, resources.MustParse("ports:[1-1]").Proto()
			t.Statuses = status(nil)
		}, "web 10.0.0.1:1 [marathon] map[] false"},
		{"a check that passes", func(t *v1.Task) {
			t.HealthCheck, t.Resources = &v1.HealthCheck{}, resources.MustParse("ports:[1-1]").Proto()
			t.Statuses = status(proto.Bool(true))
		}, "web 10.0.0.1:1 [marathon] map[] true"},
		{"a check that fails", func(t *v1.Task) {
			t.HealthCheck, t.Resources = &v1.HealthCheck{}, resources.MustParse("ports:[1-1]").Proto()
			t.Statuses = status(proto.Bool(false))
		}, "web 10.0.0.1:1 [marathon] map[] false"},
		{"no ports", func(t *v1.Task) { t.Resources = nil }, ""},
		{"no name", func(t *v1.Task) { t.Name = proto.String("日本") }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, e := range Entries(running(tt.change)) {
				if e.Node != "mesos-m-S1" || e.NodeAddr != "10.0.0.1" || e.Meta["mesos_task_id"] != "t1" || e.Meta["mesos_agent_id"] != "m-S1" {
					t.Errorf("got %+v", e)
				}
				got = append(got, short(e))
			}
			if text := strings.Join(got, "\n"); text != tt.want {
				t.Errorf("got\n%s\nwant\n%s", text, tt.want)
			}
		})
	}
}

// However many labels there are, what Consul takes of one entry is not exceeded.
func TestMetaIsBounded(t *testing.T) {
	var kv []string
	for i := range 200 {
		kv = append(kv, fmt.Sprintf("label%03d", i), strings.Repeat("v", 400))
	}
	e := Entries(running(func(t *v1.Task) { t.Labels = label(kv...) }))[0]
	size := 0
	for k, v := range e.Meta {
		size += len(k) + len(v)
	}
	if len(e.Meta) > 62 || size > 9<<10 || len(e.Meta) < 10 {
		t.Errorf("got %d of %d bytes, want some, 62 at most, with 9 KiB at most", len(e.Meta), size)
	}
}
