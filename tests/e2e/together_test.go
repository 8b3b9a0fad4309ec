package e2e

import (
	"errors"
	"path/filepath"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/namespaces"
	v1 "mesos/messages/mesos/v1"
	"mesos/tests/box"
)

// together are isolators that each have a say in how a container begins.
const together = "cgroups/cpu,cgroups/mem,cgroups/pids,cgroups/devices,filesystem/linux,docker/runtime,volume/image,volume/secret,volume/host_path,volume/sandbox_path," +
	"namespaces/pid,namespaces/ipc,namespaces/uts,namespaces/cgroup,namespaces/user,linux/capabilities,linux/nnp,linux/seccomp,linux/devices,posix/rlimits"

// TestIsolatorsTogether has a task whose root is nobody on the machine find what it has by an
// image, volumes of each kind, a device and memory of its own, under a filter of system calls.
func TestIsolatorsTogether(t *testing.T) {
	t.Parallel()
	needDevices(t)
	u, err := namespaces.NewUser(namespaces.Range{UID: 300000, GID: 300000, Size: 65536}, t.TempDir())
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	u.Close()
	image := box.Image(t, gcr.Config{Env: []string{"PATH=/bin"}})
	at := box.Registry(t, map[string]gcr.Image{"plain:1": image})
	node, data := deviceNode(t), t.TempDir()
	c, cl := startContainers(t, "--isolation="+together, "--image_providers=docker", "--docker_registry=http://"+at, "--user_namespace_range=300000:65536",
		"--docker_store_dir="+filepath.Join(t.TempDir(), "store"), "--runtime_dir="+filepath.Join(t.TempDir(), "run"), "--default_container_shm_size=8MB",
		`--allowed_devices={"allowed_devices": [{"device": {"path": "`+node+`"}, "access": {"write": true}}]}`)
	task := imageTask("all", "plain:1", inShell(`PATH=/bin; cd $MESOS_SANDBOX; id -u; grep -c "^ *0 *300000 *65536$" /proc/self/uid_map
		cat key made/greeting/srv/greeting; echo; ls /machine/; echo x >/machine/y 2>/dev/null || echo shut; echo shared >own/word; cat own/word
		grep /dev/shm /proc/self/mounts | busybox grep -o size=[0-9]*k | busybox tail -n 1; (: >>`+node+`) && echo device; touch /here && echo root; grep -e NoNewPrivs -e Seccomp: /proc/self/status; echo done`),
		&v1.Volume{ContainerPath: proto.String("/machine"), HostPath: &data, Mode: v1.Volume_RO.Enum()},
		&v1.Volume{ContainerPath: proto.String("made/greeting"), Mode: v1.Volume_RO.Enum(), Image: &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: proto.String("plain:1")}}},
		&v1.Volume{ContainerPath: proto.String("own"), Mode: v1.Volume_RW.Enum(), Source: &v1.Volume_Source{
			Type: v1.Volume_Source_SANDBOX_PATH.Enum(), SandboxPath: &v1.Volume_Source_SandboxPath{Type: v1.Volume_Source_SandboxPath_SELF.Enum(), Path: proto.String("kept")},
		}},
		&v1.Volume{ContainerPath: proto.String("key"), Mode: v1.Volume_RO.Enum(), Source: &v1.Volume_Source{
			Type: v1.Volume_Source_SECRET.Enum(), Secret: &v1.Secret{Type: v1.Secret_VALUE.Enum(), Value: &v1.Secret_Value{Data: []byte("secret ")}},
		}})
	task.Container.LinuxInfo = &v1.LinuxInfo{IpcMode: v1.LinuxInfo_PRIVATE.Enum()}
	c.launchAll(task)
	c.ends(t, cl, "all", v1.TaskState_TASK_FINISHED, "")
	want := "0\n1\nsecret of the image\n\nshut\nshared\nsize=8192k\ndevice\nroot\nNoNewPrivs:\t1\nSeccomp:\t2\ndone\n"
	if got := sandboxFile(t, cl, "all", "stdout"); got != want {
		t.Errorf("got %q, want %q; stderr %q", got, want, sandboxFile(t, cl, "all", "stderr"))
	}
	noneProvisioned(t, cl)
}
