package network

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	v1 "mesos/messages/mesos/v1"
)

// archive makes a directory with an image box:1 that has a shell and nothing in /etc.
func archive(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	path, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox: install busybox-static")
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Name: "bin/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: "etc/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "bin/busybox", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(program))},
		{Name: "bin/sh", Typeflag: tar.TypeSymlink, Linkname: "busybox"},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write(program); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, static.NewLayer(b.Bytes(), types.DockerUncompressedLayer))
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag("box:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(filepath.Join(dir, "box:1.tar"), tag, img); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestImage runs a task that has a root of its own, in a network.
func TestImage(t *testing.T) { byEach(t, inImage) }

func inImage(t *testing.T, made ...string) {
	_, f := start(t, append(made, "--image_providers=docker", "--docker_registry="+archive(t), "--docker_store_dir="+t.TempDir(),
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
