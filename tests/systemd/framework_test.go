package systemd

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

// frameworkEnv makes this test binary a framework that survives its machine: its
// value is the folder where the framework keeps its id. What it hears of tasks is
// a line each in the file "updates" there.
const frameworkEnv = "SYSTEMD_TEST_FRAMEWORK"

// wanted are the tasks that it launches, first those of the first run; a run
// launches those that no line of the file names.
var wanted = []string{"before-1", "before-2", "after"}

const perRun = 2 // tasks of the first run

// framework is the program.
type framework struct {
	dir   string
	queue []string
}

// runFramework launches tasks and writes down what is told of them, until killed.
func runFramework(dir string) {
	f := &framework{dir: dir, queue: wanted[:perRun]}
	id, err := os.ReadFile(filepath.Join(dir, "id"))
	if err == nil {
		f.queue = wanted[perRun:]
	}
	network, err := link.DialOnly("127.0.0.1", link.Options{})
	if err != nil {
		f.fail(err)
	}
	info := &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("survivor"), FailoverTimeout: proto.Float64(3600), Checkpoint: proto.Bool(true),
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}},
	}
	if len(id) > 0 {
		info.Id = ids.Framework(string(id))
	}
	c := scheduler.Config{Master: actors.UPID{ID: "master", Addr: "127.0.0.1:5050"}, Framework: info, Log: slog.Default()}
	if _, err := scheduler.Start(actors.NewSystem(network), "survivor", c, scheduler.Callbacks{
		Subscribed: f.subscribed, Offers: f.offers, Update: f.update, Error: func(_ *scheduler.Driver, err error) { f.fail(err) },
	}); err != nil {
		f.fail(err)
	}
	select {}
}

func (f *framework) fail(err error) {
	f.write(fmt.Sprintf("error %v\n", err))
	os.Exit(1)
}

func (f *framework) subscribed(d *scheduler.Driver, _ *schedulerv1.Event_Subscribed) {
	if err := os.WriteFile(filepath.Join(f.dir, "id"), []byte(d.FrameworkID()), 0o644); err != nil {
		f.fail(err)
	}
}

func (f *framework) offers(d *scheduler.Driver, offers []*v1.Offer) {
	need := resources.MustParse("cpus:0.1;mem:32")
	for _, o := range offers {
		left, _ := resources.FromProto(o.Resources) // the master makes no bad ones
		var tasks []*v1.TaskInfo
		for ; len(f.queue) > 0 && left.Contains(need); left, f.queue = left.Sub(need), f.queue[1:] {
			tasks = append(tasks, &v1.TaskInfo{
				Name: &f.queue[0], TaskId: ids.Task(f.queue[0]), AgentId: o.AgentId, Resources: need.Proto(),
				Command: &v1.CommandInfo{Value: proto.String("exec sleep 86400")},
			})
		}
		d.Launch(o.Id, tasks, nil) // declines if there are none
	}
}

func (f *framework) update(_ *scheduler.Driver, s *v1.TaskStatus) {
	reason := strings.TrimPrefix(s.GetReason().String(), "REASON_")
	if s.Reason == nil {
		reason = ""
	}
	f.write(strings.TrimSpace(strings.Join([]string{s.GetTaskId().GetValue(), s.GetState().String(), reason}, " ")) + "\n")
}

// write adds a line before its update is acknowledged, so none is lost.
func (f *framework) write(line string) {
	file, err := os.OpenFile(filepath.Join(f.dir, "updates"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	if _, err := file.WriteString(line); err != nil {
		panic(err)
	}
	if err := file.Close(); err != nil {
		panic(err)
	}
}
