package e2e

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// A task is found by name from when it runs until it is killed, also while no master leads and through another that does.
func TestDNS(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:2;mem:512;disk:64;ports:[31000-31009]", Separate: true, AgentFlags: []string{"--registration_backoff_factor=100ms"},
	})
	at := net.JoinHostPort(c.IP(), fmt.Sprint(cluster.FreePort(t)))
	api := net.JoinHostPort(c.IP(), fmt.Sprint(cluster.FreePort(t)))
	server := startMesos(t, c, "dns", "--listen", at, "--http", api)
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at)
	}}
	host := func(name string) string {
		addrs, _ := resolver.LookupHost(t.Context(), name)
		return fmt.Sprint(addrs)
	}
	eventually(t, "leader.mesos", func() bool { return host("leader.mesos") == "["+c.IP()+"]" })

	task := smallTask("web.1", "sleep 600")
	task.Name, task.Resources = proto.String("web"), resources.MustParse("cpus:0.05;mem:16;ports:[31003-31003]").Proto()
	task.Discovery = &v1.DiscoveryInfo{Visibility: v1.DiscoveryInfo_CLUSTER.Enum(), Ports: &v1.Ports{Ports: []*v1.Port{
		{Number: proto.Uint32(31003), Name: proto.String("http"), Protocol: proto.String("tcp")},
	}}}
	startTasks(t, c, task)
	known := func() bool { return host("web.batch.mesos") == "["+c.IP()+"]" }
	eventually(t, "web.batch.mesos", known)
	_, srv, err := resolver.LookupSRV(t.Context(), "", "", "_http._web._tcp.batch.mesos")
	if err != nil || len(srv) != 1 || srv[0].Port != 31003 || host(srv[0].Target) != "["+c.IP()+"]" {
		t.Fatalf("SRV: got %v, %v, want port 31003 of the agent", srv, err)
	}

	if _, text := get(t, "http://"+api+"/metrics"); !strings.Contains(text, "mesos_dns_queries_answered_total") {
		t.Errorf("/metrics does not count queries: %.300s", text)
	}

	c.Master.Kill()
	server.until(&server.stderr, "answers stay as they are")
	if !known() {
		t.Error("the task is not found while no master leads, though it runs")
	}
	c.Master.Restart()
	eventually(t, "the agent's return", func() bool {
		if !known() {
			t.Error("the task is not found while its agent comes back")
		}
		code, stdout, _ := mesos(t, c, "ps", "-o", "json")
		return code == 0 && strings.Contains(stdout, `"web.1"`)
	})
	must(t, c, "", "kill", "web.1")
	eventually(t, "the end of web.batch.mesos", func() bool { return host("web.batch.mesos") == "[]" })

	code, _, stderr := mesos(t, c, "dns", "--listen", "nowhere")
	if code != 2 || stderr == "" {
		t.Errorf("--listen=nowhere: got %d, %q, want 2 and why", code, stderr)
	}
}
