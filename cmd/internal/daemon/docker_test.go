package daemon

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/actors/containerizer/docker/engine"
)

// TestEngineGroup has engines make containers where the isolators of an agent look for them, if they can.
func TestEngineGroup(t *testing.T) {
	const root = "mesos/01234567.docker"
	for _, c := range []struct {
		isolation, driver   string
		group, warned, fail string
	}{
		{"posix/cpu,cgroups/cpu", "systemd", "", "", ""},
		{"ebpf/all", "cgroupfs", root, "", ""},
		{"cgroups/all", "cgroupfs", root, "", ""},
		{"ebpf/all,cgroups/all", "systemd", "", "isolators=cgroups/cpuset,cgroups/hugetlb,cgroups/net_cls,ebpf/all", ""},
		{"ebpf/io,network/ports", "systemd", "", "", "network/ports: the Docker engine's cgroup driver is systemd: want an engine with the option native.cgroupdriver=cgroupfs"},
	} {
		e := engineOf(t, c.driver)
		var log bytes.Buffer
		m := &composer{log: slog.New(slog.NewTextHandler(&log, nil))}
		m.s.Isolation.List, m.s.Isolation.Options.Hierarchy = c.isolation, "/sys/fs/cgroup"
		if m.layout() == nil {
			t.Skip("no cgroups")
		}
		_, group, err := m.engineGroup(t.Context(), e, root)
		if group != c.group || (err != nil) != (c.fail != "") || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%s with %s: got %q, %v, want %q, %q", c.isolation, c.driver, group, err, c.group, c.fail)
		}
		if !strings.Contains(log.String(), c.warned) || (log.Len() > 0) != (c.warned != "") {
			t.Errorf("%s with %s: got log %q, want %q", c.isolation, c.driver, log.String(), c.warned)
		}
	}
}

// engineOf is one that says who makes its cgroups, and nothing else.
func engineOf(t *testing.T, driver string) *engine.Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "engine-") // the socket's name must be short
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		fmt.Fprintf(w, `{"CgroupDriver": %q}`, driver)
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // until it is closed
	}()
	e := engine.New(filepath.Join(dir, "s"))
	t.Cleanup(func() {
		e.Close()
		server.Close()
		<-served
		os.RemoveAll(dir)
	})
	return e
}
