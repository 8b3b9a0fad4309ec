package filesystem

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

func sandboxVolume(kind v1.Volume_Source_SandboxPath_Type, path, at string) *v1.Volume {
	return &v1.Volume{ContainerPath: &at, Mode: v1.Volume_RW.Enum(), Source: &v1.Volume_Source{
		Type: v1.Volume_Source_SANDBOX_PATH.Enum(), SandboxPath: &v1.Volume_Source_SandboxPath{Type: &kind, Path: &path},
	}}
}

// TestVolumes asks for volumes, and for what must not be had.
func TestVolumes(t *testing.T) {
	const self, parent = v1.Volume_Source_SandboxPath_SELF, v1.Volume_Source_SandboxPath_PARENT
	outside := t.TempDir()
	host := func(path, at string) *v1.Volume { return &v1.Volume{HostPath: &path, ContainerPath: &at} }
	for _, c := range []struct {
		name   string
		id     string
		volume *v1.Volume
		want   string // "source target", or part of the error after "!"
	}{
		{"path of the machine", "a", host(outside, "data"), outside + " BOX/data"},
		{"absolute in the sandbox", "a", host(outside, "BOX/data"), outside + " BOX/data"},
		{"elsewhere", "a", host(outside, "/srv"), outside + " /srv"},
		{"what is not there", "a", host(outside+"/none", "data"), "!no such file"},
		{"in the sandbox", "a", host("mine", "data"), "BOX/mine BOX/data"},
		{"out of the sandbox", "a", host("../mine", "data"), "!stay in it"},
		{"behind a link", "a", host("link/mine", "data"), "!escapes"},
		{"mount point behind a link", "a", host(outside, "link/data"), "!escapes"},
		{"mount point out of the sandbox", "a", host(outside, "../data"), "!container_path"},
		{"the sandbox itself", "a", host(outside, "."), "!container_path"},
		{"no mount point", "a", &v1.Volume{HostPath: &outside}, "!container_path"},
		{"nothing", "a", &v1.Volume{ContainerPath: proto.String("data")}, "!must be set"},
		{"own directory", "a", sandboxVolume(self, "mine", "data"), "BOX/mine BOX/data"},
		{"of a parent that is none", "a", sandboxVolume(parent, "both", "data"), "!PARENT"},
		{"of the parent", "a.b", sandboxVolume(parent, "both", "data"), "UP/both BOX/data"},
		{"beyond the parent", "a.b", sandboxVolume(parent, "../both", "data"), "!stay in it"},
		{"an image", "a", &v1.Volume{ContainerPath: proto.String("data"), Image: &v1.Image{}}, "!image_providers"},
		{"a secret elsewhere", "a", &v1.Volume{ContainerPath: proto.String("data"), Source: &v1.Volume_Source{
			Type: v1.Volume_Source_SECRET.Enum(), Secret: &v1.Secret{Type: v1.Secret_REFERENCE.Enum()},
		}}, "!source.secret: reference"},
	} {
		t.Run(c.name, func(t *testing.T) {
			up := t.TempDir()
			box := up
			if strings.Contains(c.id, ".") {
				box = filepath.Join(up, "containers", "b")
			}
			if err := os.MkdirAll(box, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(box, "link")); err != nil {
				t.Fatal(err)
			}
			real := strings.NewReplacer("BOX", box, "UP", up)
			c.volume = proto.CloneOf(c.volume)
			if c.volume.ContainerPath != nil {
				c.volume.ContainerPath = proto.String(real.Replace(c.volume.GetContainerPath()))
			}
			f, l := NewLinux(Options{Scratch: filepath.Join(t.TempDir(), "scratch"), Sandbox: "/mnt/mesos/sandbox"}), &boot.Launch{}
			err := f.Prepare(t.Context(), isolators.Container{ID: c.id, Sandbox: box, Info: &v1.ContainerInfo{Volumes: []*v1.Volume{c.volume}}}, l)
			if wrong, is := strings.CutPrefix(c.want, "!"); is {
				if err == nil || !strings.Contains(err.Error(), wrong) || !strings.Contains(err.Error(), "container.volumes[0]") {
					t.Errorf("got %v, want an error of container.volumes[0] with %q", err, wrong)
				}
			} else if err != nil || len(l.Mounts) != 1 || l.Mounts[0].Source+" "+l.Mounts[0].Target != real.Replace(c.want) {
				t.Errorf("got %+v, %v, want %s", l.Mounts, err, real.Replace(c.want))
			}
			if list, _ := os.ReadDir(outside); len(list) != 0 {
				t.Errorf("outside: got %v, want nothing made there", list)
			}
		})
	}
}

// TestSecret looks for the file of a secret while its container lives, and after.
func TestSecret(t *testing.T) {
	scratch := filepath.Join(t.TempDir(), "scratch")
	f, l := NewLinux(Options{Scratch: scratch}), &boot.Launch{}
	secret := &v1.Volume{ContainerPath: proto.String("key"), Source: &v1.Volume_Source{
		Type: v1.Volume_Source_SECRET.Enum(), Secret: &v1.Secret{Type: v1.Secret_VALUE.Enum(), Value: &v1.Secret_Value{Data: []byte("key")}},
	}}
	if err := f.Prepare(t.Context(), isolators.Container{ID: "a", Sandbox: t.TempDir(), Info: &v1.ContainerInfo{Volumes: []*v1.Volume{secret}}}, l); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(l.Mounts[0].Source)
	if err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("file of the secret: got %v, %v, want mode 0400", info, err)
	}
	if err := f.Cleanup(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(scratch); err != nil || len(list) != 0 {
		t.Errorf("after the container: got %v, %v, want nothing", list, err)
	}
}
