package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"mesos/actors/containerizer/docker"
	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators/cgroup"
)

// dockerEngine is a Docker engine of a test's own, which ends with it.
type dockerEngine struct {
	*engine.Client
	t      *testing.T
	socket string
	pid    int // of the engine
}

// inOwnNetwork has an engine in a network of its own, where it can make bridges.
const inOwnNetwork = "ip link set lo up && mount -t tmpfs tmpfs /run && "

// startEngine starts the engine from Debian's package. before is what a shell does
// first, in a mount and, if it is inOwnNetwork, a network namespace of its own.
func startEngine(t *testing.T, before string, flags ...string) *dockerEngine {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a Docker engine")
	}
	for _, program := range []string{"dockerd", "containerd", "unshare", "iptables"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s: install docker.io", program)
		}
	}
	// Not t.TempDir: its name is long, and the socket's must fit in 108 bytes.
	dir, err := os.MkdirTemp("", "docker-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("the engine's files: %v", err)
		}
	})
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	e := &dockerEngine{t: t, socket: filepath.Join(dir, "docker.sock")}
	parent := "/mesos-" + filepath.Base(dir)
	argv := append([]string{"dockerd", "--data-root=" + dir + "/data", "--exec-root=" + dir + "/exec", "--pidfile=" + dir + "/pid", "-H", "unix://" + e.socket, "--cgroup-parent=" + parent}, flags...)
	unshare := []string{"--mount"}
	if before == inOwnNetwork {
		unshare = append(unshare, "--net")
	}
	cmd := exec.Command("unshare", append(unshare, "sh", "-c", before+`exec "$@"`, "sh")...)
	cmd.Args = append(cmd.Args, argv...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	e.pid = cmd.Process.Pid
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it ends its containers
		select {
		case <-ended:
		case <-time.After(2 * time.Minute):
			t.Error("the engine does not end")
			_ = cmd.Process.Kill()
			<-ended
		}
		if err := removeGroups(parent); err != nil {
			t.Errorf("the engine's cgroups: %v", err)
		}
	})
	e.Client = engine.New(e.socket)
	t.Cleanup(e.Close)
	eventually(t, "the engine to answer", func() bool {
		select {
		case err := <-ended:
			ended <- err
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("the engine has ended: %v\n%s", err, text)
		default:
		}
		_, err := e.Version(t.Context())
		return err == nil
	})
	return e
}

// removeGroups removes a cgroup in every hierarchy, which nothing is in.
func removeGroups(path string) error {
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil {
		return nil
	}
	l.Writable()
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	var errs []error
	for _, at := range append(l.Mounts(), l.Named...) {
		if d := (cgroup.Dir{Kernel: l.Kernel, Path: filepath.Join(at, path)}); d.Exists() {
			errs = append(errs, cgroup.Remove(ctx, d))
		}
	}
	return errors.Join(errs...)
}

// load gives the engine an image without a registry.
func (e *dockerEngine) load(name string, img gcr.Image, changes ...string) {
	e.t.Helper()
	args := []string{"-H", "unix://" + e.socket, "import"}
	for _, c := range changes {
		args = append(args, "--change", c)
	}
	files := mutate.Extract(img)
	defer files.Close()
	e.cli(files, append(args, "-", name)...)
}

// cli runs the engine's own command line.
func (e *dockerEngine) cli(stdin io.Reader, args ...string) string {
	e.t.Helper()
	cmd := exec.Command("docker", args...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = stdin, &stderr
	out, err := cmd.Output()
	if err != nil {
		e.t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// run runs docker run in the background with more arguments, and gives the id.
func (e *dockerEngine) run(args ...string) string {
	e.t.Helper()
	return e.cli(nil, append([]string{"-H", "unix://" + e.socket, "run", "-d"}, args...)...)
}

// agents are the names of the containers that agents made and that are there.
func (e *dockerEngine) agents() (names []string) {
	e.t.Helper()
	list, err := e.List(e.t.Context(), docker.LabelContainer)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, c := range list {
		names = append(names, fmt.Sprint(c.State, " ", strings.Join(c.Names, " ")))
	}
	slices.Sort(names)
	return names
}
