package network

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/box"
)

// TestImage runs a task that has a root of its own, in a network.
func TestImage(t *testing.T) { byEach(t, inImage) }

func inImage(t *testing.T, made ...string) {
	_, f := start(t, append(made, "--image_providers=docker", "--docker_registry="+box.Archive(t, "box:1", box.Image(t, gcr.Config{})), "--docker_store_dir="+t.TempDir(),
		`--default_container_dns={"mesos": [{"network_mode": "CNI", "dns": {"nameservers": ["192.0.2.53"]}}]}`)...)
	out := t.TempDir()
	const look = `b=/bin/busybox; $b cat /etc/hostname /etc/hosts /etc/resolv.conf; $b hostname; $b ip addr; $b ls /sys/class/net`
	k := task("boxed", "mesos0", &v1.CommandInfo{Value: new("(" + look + ") > /out/next 2>&1; /bin/busybox mv /out/next /out/seen; exec /bin/busybox sleep 1000")}, 0)
	k.Container.Mesos = &v1.ContainerInfo_MesosInfo{Image: &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: new("box:1")}}}
	k.Container.Volumes = []*v1.Volume{{Mode: v1.Volume_RW.Enum(), HostPath: &out, ContainerPath: new("/out")}}
	k.Container.Hostname = new("box")
	f.launch(k)
	ip := address(t, f.running("boxed"), "mesos0")
	seen := ""
	eventually(t, "what the task sees", func() bool {
		text, err := os.ReadFile(filepath.Join(out, "seen"))
		seen = string(text)
		return err == nil
	})
	for _, want := range []string{"box\n127.0.0.1 localhost\n", ip + " box\nnameserver 192.0.2.53\nbox\n", "inet " + ip + "/24", "\neth0\n"} {
		if !strings.Contains(seen, want) {
			t.Errorf("got %s, want %q in it", seen, want)
		}
	}
	f.driver.Kill("boxed", nil)
	f.over("boxed")
	nothingLeft(t)
}
