package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
	"mesos/messages/states"
	"mesos/tests/cluster"
)

// keeper is a scheduler of role db in the test's own process that keeps its
// offers and all that it is told.
type keeper struct {
	t      testing.TB
	driver *scheduler.Driver

	mu         sync.Mutex
	offers     []*v1.Offer
	tasks      map[string]v1.TaskState
	messages   map[string]string
	operations map[string]*v1.OperationStatus
}

func startKeeper(t testing.TB, c *cluster.Cluster) *keeper {
	t.Helper()
	silent := slog.New(slog.DiscardHandler)
	net, err := link.DialOnly("127.0.0.1", link.Options{Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(silent))
	t.Cleanup(sys.Shutdown)
	k := &keeper{t: t, tasks: map[string]v1.TaskState{}, messages: map[string]string{}, operations: map[string]*v1.OperationStatus{}}
	info := &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("db"), Roles: []string{"db/main"}, FailoverTimeout: proto.Float64(120), Checkpoint: proto.Bool(true),
		Capabilities: []*v1.FrameworkInfo_Capability{
			{Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()}, {Type: v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT.Enum()},
			{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()},
		},
	}
	k.driver, err = scheduler.Start(sys, "scheduler(1)", scheduler.Config{Master: actors.UPID{ID: "master", Addr: c.Addr()}, Framework: info, Log: silent}, scheduler.Callbacks{
		Offers: func(_ *scheduler.Driver, offers []*v1.Offer) {
			k.with(func() { k.offers = append(k.offers, offers...) })
		},
		Rescinded: func(_ *scheduler.Driver, id *v1.OfferID) {
			k.with(func() {
				for i, o := range k.offers {
					if proto.Equal(o.Id, id) {
						k.offers = append(k.offers[:i:i], k.offers[i+1:]...)
						return
					}
				}
			})
		},
		Update: func(_ *scheduler.Driver, s *v1.TaskStatus) {
			k.with(func() {
				k.tasks[s.GetTaskId().GetValue()], k.messages[s.GetTaskId().GetValue()] = s.GetState(), s.GetMessage()
			})
		},
		Operation: func(_ *scheduler.Driver, s *v1.OperationStatus) {
			k.with(func() { k.operations[s.GetOperationId().GetValue()] = s })
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *keeper) with(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
}

// accept carries out operations on all that is offered, when that contains what
// is needed. They are made for the offers' agent.
func (k *keeper) accept(need []*v1.Resource, ops func(agent *v1.AgentID) []*v1.Offer_Operation) {
	k.t.Helper()
	want, err := resources.FromProto(need)
	if err != nil {
		k.t.Fatal(err)
	}
	var taken []*v1.OfferID
	var agent *v1.AgentID
	eventually(k.t, "an offer with "+want.String(), func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		var sum resources.Resources
		var all []*v1.OfferID
		for _, o := range k.offers {
			if r, err := resources.FromProto(o.GetResources()); err == nil {
				sum = sum.Add(r.Unallocate())
			}
			all, agent = append(all, o.Id), o.AgentId
		}
		if !sum.Contains(want) {
			return false
		}
		taken, k.offers = all, nil
		return true
	})
	k.driver.Accept(taken, ops(agent), scheduler.RefuseFor(0))
}

func (k *keeper) task(id string, want v1.TaskState) {
	k.t.Helper()
	eventually(k.t, fmt.Sprintf("task %s to be %s", id, want), func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		if s, told := k.tasks[id]; told && s != want && states.Terminal(s) {
			k.t.Fatalf("task %s is %s, %q, want %s", id, s, k.messages[id], want)
		}
		s, told := k.tasks[id]
		return told && s == want
	})
}

func (k *keeper) operation(id string, want v1.OperationState) {
	k.t.Helper()
	eventually(k.t, fmt.Sprintf("operation %s to be %s", id, want), func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		return k.operations[id] != nil && k.operations[id].GetState() == want
	})
}

// space is disk space reserved to role db/main.
func space(mb float64) *v1.Resource {
	return &v1.Resource{
		Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: &mb},
		Reservations: []*v1.Resource_ReservationInfo{{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: proto.String("db/main")}},
	}
}

func volumeAt(mb float64, path string) *v1.Resource {
	r := space(mb)
	r.Disk = &v1.Resource_DiskInfo{
		Persistence: &v1.Resource_DiskInfo_Persistence{Id: proto.String("data-1")}, Volume: &v1.Volume{Mode: v1.Volume_RW.Enum(), ContainerPath: &path},
	}
	return r
}

func onVolume(agent *v1.AgentID, id, command string, volume *v1.Resource) *v1.Offer_Operation {
	return scheduler.LaunchTasks(&v1.TaskInfo{
		Name: &id, TaskId: ids.Task(id), AgentId: agent, Command: &v1.CommandInfo{Value: &command},
		Resources: append(resources.MustParse("cpus:0.1;mem:32").Proto(), volume),
	})
}

// A persistent volume outlives its task, its framework and the agent's program;
// an operator cannot take it from a task; DESTROY alone deletes it.
func TestPersistentVolume(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:2;mem:512;disk:100;ports:[31000-31010]", Separate: true,
		AgentFlags: []string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=10secs"},
	})
	data := filepath.Join(c.AgentWorkDir(0), "volumes", "roles", "db main", "data-1")
	one, v := startKeeper(t, c), volumeAt(60, "deep/data")
	one.accept(resources.MustParse("disk:100;cpus:0.1").Proto(), func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{
			scheduler.Reserve("reserve", space(60)), scheduler.Create("create", v), onVolume(agent, "write", "echo kept > deep/data/file", v),
		}
	})
	one.task("write", v1.TaskState_TASK_FINISHED)
	one.operation("reserve", v1.OperationState_OPERATION_FINISHED)
	one.operation("create", v1.OperationState_OPERATION_FINISHED)
	one.driver.ReconcileOperations(&schedulerv1.Call_ReconcileOperations_Operation{OperationId: &v1.OperationID{Value: proto.String("never")}})
	one.operation("never", v1.OperationState_OPERATION_UNKNOWN)
	one.driver.Teardown()
	c.Agents[0].Kill()
	if code, out, stderr := mesos(t, c, "agent", "check", "--work_dir", c.AgentWorkDir(0)); code != 0 || !strings.Contains(out, "data-1") {
		t.Errorf("agent check: got exit %d, %q %q, want 0 and the volume", code, out, stderr)
	}
	c.Agents[0].Restart()
	two := startKeeper(t, c)
	moved := volumeAt(60, "elsewhere")
	two.accept([]*v1.Resource{moved}, func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{onVolume(agent, "read", `grep -q kept elsewhere/file && sleep 1000`, moved)}
	})
	two.task("read", v1.TaskState_TASK_RUNNING)
	agentID := ""
	two.accept(resources.MustParse("cpus:0.1").Proto(), func(agent *v1.AgentID) []*v1.Offer_Operation {
		agentID = agent.GetValue()
		return nil
	})
	destroy := func() (int, string) {
		form := url.Values{"slaveId": {agentID}, "volumes": {`[{"name":"disk","type":"SCALAR","scalar":{"value":60},
			"reservations":[{"type":"DYNAMIC","role":"db/main"}],"disk":{"persistence":{"id":"data-1"},"volume":{"mode":"RW","container_path":"x"}}}]`}}
		return post(t, c.URL("/destroy-volumes"), "application/x-www-form-urlencoded", "", strings.NewReader(form.Encode()))
	}
	if code, text := destroy(); code != 400 || !strings.Contains(text, "used by a task") {
		t.Errorf("destroying a volume in use: %d %q, want 400 and why", code, text)
	}
	code, text := post(t, c.URL("/api/v1"), "application/json", "", strings.NewReader(`{"type":"UNRESERVE_RESOURCES","unreserve_resources":{"agent_id":{"value":"`+agentID+`"},
		"resources":[{"name":"disk","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"db/main"}]}]}}`))
	if code != 409 {
		t.Errorf("freeing space that a volume takes: %d %q, want 409", code, text)
	}
	two.driver.Kill("read", nil)
	two.task("read", v1.TaskState_TASK_KILLED)
	if text, err := os.ReadFile(filepath.Join(data, "file")); err != nil || string(text) != "kept\n" {
		t.Errorf("the volume's file is %q, %v, want what the first task wrote", text, err)
	}
	eventually(t, "the volume to be free to be destroyed", func() bool { code, _ := destroy(); return code == 202 })
	eventually(t, "the data to be deleted", func() bool { _, err := os.Stat(data); return errors.Is(err, fs.ErrNotExist) })
	two.accept([]*v1.Resource{space(60)}, func(*v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{scheduler.Unreserve("free", space(60))}
	})
	two.operation("free", v1.OperationState_OPERATION_FINISHED)
	eventually(t, "nothing of destroyed volumes to be left", func() bool {
		left, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "volumes", ".destroyed-*"))
		return err == nil && len(left) == 0
	})
}

// A volume whose place leads out of the sandbox is refused with the task.
func TestVolumeStaysInTheSandbox(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Resources: "cpus:2;mem:512;disk:100;ports:[31000-31010]"})
	k, v := startKeeper(t, c), volumeAt(60, "../../escape")
	k.accept(resources.MustParse("disk:100;cpus:0.1").Proto(), func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{scheduler.Reserve("", space(60)), scheduler.Create("create", v), onVolume(agent, "out", "true", v)}
	})
	k.task("out", v1.TaskState_TASK_FAILED)
	k.with(func() {
		if text := k.messages["out"]; !strings.Contains(text, "out of the sandbox") {
			t.Errorf("message %q, want one about the way out of the sandbox", text)
		}
	})
}
