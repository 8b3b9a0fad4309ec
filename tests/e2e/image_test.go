package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/box"
	"mesos/tests/cluster"
)

func startImages(t *testing.T, registry string, flags ...string) (*checked, *cluster.Cluster) {
	t.Helper()
	cluster.NeedCgroups(t)
	dir := t.TempDir()
	cl := cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:0;ports:[31000-31000]",
		AgentFlags: append([]string{
			"--launcher=linux", "--isolation=filesystem/linux,docker/runtime,namespaces/pid", "--image_providers=docker", "--docker_registry=" + registry,
			"--runtime_dir=" + filepath.Join(dir, "run"), "--executor_reregistration_timeout=15secs",
		}, flags...),
	})
	info := &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("images"), Checkpoint: proto.Bool(true), FailoverTimeout: proto.Float64(60)}
	return &checked{framework: startFrameworkAs(t, cl, info), waiting: map[string][]*v1.TaskStatus{}, seen: map[string]bool{}, dir: t.TempDir()}, cl
}

func imageTask(id, image string, command *v1.CommandInfo, volumes ...*v1.Volume) *v1.TaskInfo {
	return &v1.TaskInfo{
		Name: &id, TaskId: ids.Task(id), Resources: resources.MustParse("cpus:0.25;mem:32").Proto(), Command: command,
		Container: &v1.ContainerInfo{
			Type: v1.ContainerInfo_MESOS.Enum(), Volumes: volumes,
			Mesos: &v1.ContainerInfo_MesosInfo{Image: &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: &image}}},
		},
	}
}

func inShell(line string) *v1.CommandInfo { return &v1.CommandInfo{Value: &line} }

// sandboxFile reads a file of the sandbox of a task.
func sandboxFile(t *testing.T, cl *cluster.Cluster, task, file string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", task, "runs", "latest", file))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s of task %s: %v, %v, want one", file, task, files, err)
	}
	return readFile(files[0])
}

// noneProvisioned waits until no root file system is left on the agent.
func noneProvisioned(t *testing.T, cl *cluster.Cluster) {
	t.Helper()
	eventually(t, "all root file systems to be removed", func() bool {
		left, err := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "provisioner", "containers", "*"))
		return err == nil && len(left) == 0
	})
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), cl.AgentWorkDir(0)) {
		t.Errorf("mounts of the machine: got one of %s, want none", cl.AgentWorkDir(0))
	}
}

// TestImages runs tasks in images: they see their root and nothing of the machine.
func TestImages(t *testing.T) {
	t.Parallel()
	for _, backend := range []string{"overlay", "copy"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			testImages(t, backend)
		})
	}
}

func testImages(t *testing.T, backend string) {
	at := box.Registry(t, map[string]gcr.Image{
		"box:latest": box.Image(t, gcr.Config{
			Env: []string{"PATH=/bin", "OF=the image"}, WorkingDir: "/srv", Entrypoint: []string{"sh", "-c"}, Cmd: []string{"cat greeting; exit 7"}, User: "guest",
		}),
		"plain:1": box.Image(t, gcr.Config{}),
	})
	store := filepath.Join(t.TempDir(), "store")
	c, cl := startImages(t, "http://"+at, "--image_provisioner_backend="+backend, "--docker_store_dir="+store)
	secret := t.TempDir()
	if err := os.WriteFile(filepath.Join(secret, "file"), []byte("of the machine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	volume := &v1.Volume{ContainerPath: proto.String("/data"), HostPath: &secret, Mode: v1.Volume_RO.Enum()}
	look := `echo $MESOS_SANDBOX; echo "$OF"; pwd; id -u; ls /; echo here >here
		cat /data/file; touch /data/more && echo written
		ls ` + secret + ` && echo seen; cat /srv/up && echo shadow; mknod disk b 8 0 && cat disk && echo device
		ls /proc | grep -c '^[0-9]'; echo x >/proc/sys/kernel/hostname && echo hostname; echo done; while :; do sleep 1; done`
	stays := imageTask("stays", "plain:1", inShell("PATH=/bin; "+look), volume)
	entry := imageTask("entry", "box", &v1.CommandInfo{Shell: proto.Bool(false)})
	args := imageTask("args", "box", &v1.CommandInfo{Shell: proto.Bool(false), Arguments: []string{`echo "$OF"; id -u; id -g; exit 8`}})
	none := imageTask("none", "missing:1", inShell("true"))
	c.launch(c.offer("cpus:4;mem:1024;ports:[31000-31000]"), nil, stays, entry, args, none)
	if s := c.take("none"); s.GetState() != v1.TaskState_TASK_FAILED || !strings.Contains(s.GetMessage(), "missing:1") {
		t.Errorf("image that there is not: got %v %q, want TASK_FAILED with its name", s.GetState(), s.GetMessage())
	}
	c.next("stays", "STARTING")
	c.next("stays", "RUNNING")
	for task, want := range map[string]string{"entry": "status 7", "args": "status 8"} {
		c.next(task, "STARTING")
		c.next(task, "RUNNING")
		if s := c.take(task); !strings.Contains(s.GetMessage(), want) {
			t.Errorf("end of %s: got %q, want %s\n%s", task, s.GetMessage(), want, sandboxFile(t, cl, task, "stderr"))
		}
	}
	if got, want := sandboxFile(t, cl, "entry", "stdout"), "of the image\n"; got != want {
		t.Errorf("entrypoint and cmd: got %q, want %q", got, want)
	}
	if got, want := sandboxFile(t, cl, "args", "stdout"), "the image\n4711\n4712\n"; got != want {
		t.Errorf("entrypoint with arguments: got %q, want %q", got, want)
	}
	eventually(t, "the task to have looked around", func() bool { return strings.HasSuffix(sandboxFile(t, cl, "stays", "stdout"), "done\n") })
	want := "/mnt/mesos/sandbox\n\n/mnt/mesos/sandbox\n0\nbin\ndata\ndev\netc\nmnt\nproc\nsrv\nsys\ntmp\nof the machine\n"
	got := sandboxFile(t, cl, "stays", "stdout")
	if !strings.HasPrefix(got, want) {
		t.Errorf("what the task sees: got %q, want it to begin with %q\n%s", got, want, sandboxFile(t, cl, "stays", "stderr"))
	}
	for _, word := range []string{"written", "seen", "shadow", "device", "hostname"} {
		if strings.Contains(got, word+"\n") {
			t.Errorf("what the task could do: got %q, want nothing like %q", got, word)
		}
	}
	if got := sandboxFile(t, cl, "stays", "here"); got != "here\n" {
		t.Errorf("file written in the sandbox: got %q, want it", got)
	}
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	inside := exec.Command(cluster.Binary(t, "mesos"), "exec", "stays", "--", "cat", "/srv/greeting")
	inside.Env = append(os.Environ(), "MESOS_MASTER="+cl.Addr())
	if out, err := inside.CombinedOutput(); err != nil || string(out) != "of the image\n" {
		t.Errorf("exec in the image after the agent's restart: got %q, %v", out, err)
	}
	c.driver.Kill("stays", nil)
	if s := c.take("stays"); s.GetState() != v1.TaskState_TASK_KILLED {
		t.Errorf("end of the task: got %v, want TASK_KILLED", s.GetState())
	}
	noneProvisioned(t, cl)
	answer, err := http.Post(cl.Agents[0].URL("/api/v1"), "application/json", strings.NewReader(`{"type":"PRUNE_IMAGES","prune_images":{"excluded_images":[{"type":"DOCKER","docker":{"name":"plain:1"}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	left, err := filepath.Glob(filepath.Join(store, "images", "*"))
	if answer.StatusCode != http.StatusOK || err != nil || len(left) != 1 {
		t.Errorf("PRUNE_IMAGES with one excluded: got %d, %v left, %v, want 200 and one", answer.StatusCode, left, err)
	}
}

// TestImagePod runs containers nested in one on the machine's own files: each in
// an image, with a directory that both share, another image and a secret.
func TestImagePod(t *testing.T) {
	t.Parallel()
	at := box.Registry(t, map[string]gcr.Image{
		"writer:1": box.Image(t, gcr.Config{Env: []string{"PATH=/bin"}, WorkingDir: "/srv", Cmd: []string{"sh", "-c", "pwd; cat /also/srv/greeting secret; echo from the writer >$MESOS_SANDBOX/shared/file"}, User: "guest"}),
		"reader:1": box.Image(t, gcr.Config{Env: []string{"PATH=/bin"}}),
	})
	c, cl := startImages(t, "http://"+at, "--docker_store_dir="+filepath.Join(t.TempDir(), "store"))
	volume := func(path string, s *v1.Volume_Source) *v1.Volume {
		return &v1.Volume{ContainerPath: &path, Mode: v1.Volume_RW.Enum(), Source: s}
	}
	shared := func(path string) *v1.Volume {
		return volume(path, &v1.Volume_Source{
			Type:        v1.Volume_Source_SANDBOX_PATH.Enum(),
			SandboxPath: &v1.Volume_Source_SandboxPath{Type: v1.Volume_Source_SandboxPath_PARENT.Enum(), Path: proto.String("both")},
		})
	}
	secret := volume("/srv/secret", &v1.Volume_Source{
		Type: v1.Volume_Source_SECRET.Enum(), Secret: &v1.Secret{Type: v1.Secret_VALUE.Enum(), Value: &v1.Secret_Value{Data: []byte("not to be told\n")}},
	})
	also := &v1.Volume{ContainerPath: proto.String("/also"), Mode: v1.Volume_RO.Enum(), Image: &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: proto.String("reader:1")}}}
	tasks := []*v1.TaskInfo{
		imageTask("writer", "writer:1", &v1.CommandInfo{Shell: proto.Bool(false), User: proto.String("root")}, shared("shared"), also, secret),
		imageTask("reader", "reader:1", inShell("while [ ! -s /in/it/file ]; do sleep 1; done; cat /in/it/file"), shared("/in/it")),
	}
	o := c.offer("cpus:4;mem:1024;ports:[31000-31000]")
	for _, task := range tasks {
		task.AgentId = o.AgentId
	}
	c.driver.LaunchGroup(o.GetId(), &v1.ExecutorInfo{ExecutorId: ids.Executor("pod"), Resources: resources.MustParse("cpus:0.1;mem:32").Proto()}, tasks, scheduler.RefuseFor(3600))
	for _, task := range []string{"writer", "reader"} {
		s := c.take(task)
		for s.GetState() == v1.TaskState_TASK_STARTING || s.GetState() == v1.TaskState_TASK_RUNNING {
			s = c.take(task)
		}
		if s.GetState() != v1.TaskState_TASK_FINISHED {
			t.Errorf("%s: got %v %q, want TASK_FINISHED\n%s", task, s.GetState(), s.GetMessage(), sandboxFile(t, cl, "pod", "stderr"))
		}
	}
	out := func(containing string) bool {
		files, _ := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", "pod", "runs", "latest", "containers", "*", "stdout"))
		for _, f := range files {
			if readFile(f) == containing {
				return true
			}
		}
		return false
	}
	if !out("/srv\nof the image\nnot to be told\n") || !out("from the writer\n") {
		t.Error("output of the containers: got something else than what image, secret and shared directory hold")
	}
	noneProvisioned(t, cl)
}
