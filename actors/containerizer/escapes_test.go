package containerizer

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/proctree"
	"mesos/isolators/catalog"
	"mesos/isolators/filesystem"
	"mesos/isolators/images"
	v1 "mesos/messages/mesos/v1"
)

// kept are the isolators that are to keep root in.
const kept = "cgroups/all,filesystem/linux,docker/runtime,namespaces/pid,namespaces/ipc,namespaces/uts,namespaces/cgroup,linux/capabilities,linux/nnp,linux/seccomp"

// usual are the rights that container engines give root, which a program that runs
// strangers' images will not do without.
var usual = capable(v1.CapabilityInfo_CHOWN, v1.CapabilityInfo_DAC_OVERRIDE, v1.CapabilityInfo_FOWNER, v1.CapabilityInfo_FSETID, v1.CapabilityInfo_KILL,
	v1.CapabilityInfo_SETGID, v1.CapabilityInfo_SETUID, v1.CapabilityInfo_SETPCAP, v1.CapabilityInfo_NET_BIND_SERVICE, v1.CapabilityInfo_NET_RAW,
	v1.CapabilityInfo_SYS_CHROOT, v1.CapabilityInfo_MKNOD, v1.CapabilityInfo_AUDIT_WRITE, v1.CapabilityInfo_SETFCAP)

// escapist is somebody who tries to get out.
type escapist struct {
	name   string
	rights *v1.CapabilityInfo
	image  bool
	user   string
	may    []string // what its rights are for
}

// TestNobodyEscapes runs a program that tries all that it knows to get out, as root
// without rights and with the usual ones, in a root of its own and in the machine's.
func TestNobodyEscapes(t *testing.T) {
	needLinux(t)
	nobodyEscapes(t, kept, catalog.Options{}, []escapist{
		{"no rights", capable(), false, "", nil},
		{"no rights in an image", capable(), true, "", nil},
		{"the usual rights in an image", usual, true, "", nil},
		{"ptrace in an image", capable(v1.CapabilityInfo_SYS_PTRACE), true, "", []string{"ptrace of the first process", "the memory of the first process", "the program of the first process"}},
		{"a user", nil, false, "nobody", nil},
		{"a user with ptrace", capable(v1.CapabilityInfo_SYS_PTRACE), false, "nobody", []string{"ptrace of the first process", "the memory of the first process", "the program of the first process"}},
	})
}

func nobodyEscapes(t *testing.T, list string, o catalog.Options, escapists []escapist) {
	t.Helper()
	dir, err := helpers()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "escape")
	if err := os.Chmod(dir, 0o755); err != nil { // for users
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("geheim"), 0o644); err != nil {
		t.Fatal(err)
	}
	o.Files = withImage(t, program, "escape")
	p := newIsolatedBy(t, list, o)
	victim := config(t, "victim", shell("exec sleep 4444"))
	first, err := p.Launch(t.Context(), victim)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { destroyed(p, "victim") })
	var pid string
	eventually(t, func() bool {
		for _, n := range proctree.Descendants(first.PID) {
			if line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", n)); string(line) == "sleep\x004444\x00" {
				pid = strconv.Itoa(n)
			}
		}
		return pid != ""
	})
	for _, tt := range escapists {

		t.Run(tt.name, func(t *testing.T) {
			file, see := program, secret
			if tt.image {
				file = "/escape"
			} else {
				see = ""
			}
			c := config(t, "thief", &v1.CommandInfo{Shell: proto.Bool(false), Value: &file, Arguments: []string{"escape", see, pid, "sleep 4444"}})
			open(c.Sandbox)
			c.User = tt.user
			c.Info = &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), LinuxInfo: &v1.LinuxInfo{EffectiveCapabilities: tt.rights}, Mesos: &v1.ContainerInfo_MesosInfo{}}
			if tt.image {
				c.Info.Mesos.Image = &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: proto.String("thief")}}
			}
			e := run(t, p, c)
			out := read(t, c.Sandbox, "stdout")
			for _, may := range tt.may {
				out = strings.Replace(out, "ESCAPED: "+may+"\n", "", 1)
			}
			if strings.Contains(out, "ESCAPED") || !strings.Contains(out, "done ") {
				t.Errorf("got %s, %s%s, want nothing to succeed", e.Message, out, read(t, c.Sandbox, "stderr"))
			}
			if _, err := os.Stat(secret + "-escaped"); err == nil {
				t.Error("a file was written on the machine")
			}
		})
	}
}

// TestEscapesCanSucceed runs the same program as root that nothing but a pid namespace
// keeps, which is what shows that its attempts are real.
func TestEscapesCanSucceed(t *testing.T) {
	needLinux(t)
	dir, err := helpers()
	if err != nil {
		t.Fatal(err)
	}
	p := newIsolatedBy(t, "namespaces/pid", catalog.Options{})
	c := config(t, "c", program(filepath.Join(dir, "escape"), "escape", "", "1", "sleep 4444"))
	run(t, p, c)
	out := read(t, c.Sandbox, "stdout")
	for _, want := range []string{"ptrace of the first process", "a node of the kernel's log", "mount", "namespaces of one's own", "a keyring", "a setting of the kernel", "a program in the kernel", "swap"} {
		if !strings.Contains(out, "ESCAPED: "+want+"\n") {
			t.Errorf("%s: got no success in %s", want, out)
		}
	}
}

// TestEveryKindCanSucceed runs it as root whom nothing keeps, with a descriptor that was left and beside a process of
// somebody else: an attempt that fails here as well would prove nothing in a container.
func TestEveryKindCanSucceed(t *testing.T) {
	needLinux(t)
	dir, err := helpers()
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("geheim"), 0o644); err != nil {
		t.Fatal(err)
	}
	left, err := os.Open(secret)
	if err != nil {
		t.Fatal(err)
	}
	defer left.Close()
	victim := exec.Command("sleep", "4445")
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = victim.Process.Kill()
		_ = victim.Wait()
	})
	cmd := exec.Command(filepath.Join(dir, "escape"), secret, strconv.Itoa(victim.Process.Pid), "sleep 4445")
	cmd.Dir, cmd.ExtraFiles = t.TempDir(), []*os.File{left}
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS} // its mounts are nobody else's
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{
		"read a file of the machine", "climb above the root", "a root within the root", "a file written on the machine", "a descriptor that was left",
		"a process of another container in /proc", "the memory of another container", "a signal to another container", "ptrace of another container",
		"namespaces of another container", "a node of the kernel's log", "a node of the disk", "mount", "a tree of mounts", "a keyring", "a key", "another cgroup",
	} {
		if !strings.Contains(string(out), "ESCAPED: "+want+"\n") {
			t.Errorf("%s: got no success in %s", want, out)
		}
	}
}

// withImage makes an image called thief of one program, which it has at some paths.
func withImage(t *testing.T, program string, paths ...string) filesystem.Options {
	t.Helper()
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var files []any
	for _, path := range paths {
		files = append(files, path, content)
	}
	layer := tarOf(t, files...)
	sum := sha256.Sum256(layer)
	config := fmt.Sprintf(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"config":{}}`, hex.EncodeToString(sum[:]))
	registry := t.TempDir()
	archive := tarOf(t, "config.json", []byte(config), "layer.tar", layer, "manifest.json", []byte(`[{"Config":"config.json","RepoTags":["thief:latest"],"Layers":["layer.tar"]}]`))
	if err := os.WriteFile(filepath.Join(registry, "thief.tar"), archive, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := images.OpenStore(images.Options{Dir: t.TempDir(), Registry: registry})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	work := t.TempDir()
	provisioner, err := images.NewProvisioner(store, work, "")
	if err != nil {
		t.Fatal(err)
	}
	return filesystem.Options{Images: provisioner, Sandbox: "/mnt/mesos/sandbox", Scratch: filepath.Join(work, "scratch")}
}

// tarOf is an archive of files, by name and content.
func tarOf(t *testing.T, files ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		name, content := files[i].(string), files[i+1].([]byte)
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
