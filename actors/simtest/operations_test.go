package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

const (
	opFinished = v1.OperationState_OPERATION_FINISHED
	opDropped  = v1.OperationState_OPERATION_DROPPED
	opFailed   = v1.OperationState_OPERATION_FAILED
	opError    = v1.OperationState_OPERATION_ERROR
)

// storing is a framework of role web that keeps its offers.
func storing() FrameworkOptions {
	info := aware()
	info.Roles = []string{"web"}
	for _, c := range []v1.FrameworkInfo_Capability_Type{
		v1.FrameworkInfo_Capability_MULTI_ROLE, v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT, v1.FrameworkInfo_Capability_SHARED_RESOURCES,
	} {
		info.Capabilities = append(info.Capabilities, &v1.FrameworkInfo_Capability{Type: c.Enum()})
	}
	return FrameworkOptions{Info: info, HoldOffer: true}
}

func diskOf(mb float64) *v1.Resource {
	return &v1.Resource{Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: &mb}}
}

func reservedDisk(mb float64) *v1.Resource {
	r := diskOf(mb)
	r.Reservations = []*v1.Resource_ReservationInfo{{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: proto.String("web")}}
	return r
}

func volumeOf(mb float64, id string) *v1.Resource {
	r := reservedDisk(mb)
	r.Disk = &v1.Resource_DiskInfo{
		Persistence: &v1.Resource_DiskInfo_Persistence{Id: &id}, Volume: &v1.Volume{Mode: v1.Volume_RW.Enum(), ContainerPath: proto.String("data")},
	}
	return r
}

func listed(t testing.TB, list ...*v1.Resource) resources.Resources {
	t.Helper()
	r, err := resources.FromProto(list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// taskOn is a task with a modelled command on given resources of an offer's agent.
func taskOn(o *v1.Offer, id, command string, list ...*v1.Resource) *v1.TaskInfo {
	return &v1.TaskInfo{
		Name: &id, TaskId: ids.Task(id), AgentId: o.AgentId, Command: &v1.CommandInfo{Value: &command},
		Resources: append(resources.MustParse("cpus:0.1;mem:32").Proto(), list...),
	}
}

// holding waits for offers of one agent that together contain what is listed,
// and gives one of them.
func (f *Framework) holding(list ...*v1.Resource) *v1.Offer {
	f.c.T.Helper()
	want := listed(f.c.T, list...)
	var found *v1.Offer
	f.c.Until(2*time.Minute, "an offer with "+want.String(), func() bool {
		sum := map[string]resources.Resources{}
		for _, o := range f.Held() {
			id := o.GetAgentId().GetValue()
			sum[id] = sum[id].Add(listed(f.c.T, o.GetResources()...).Unallocate())
			if sum[id].Contains(want) {
				found = o
			}
		}
		return found != nil
	})
	return found
}

func TestReserveCreateAndLaunchInOneCall(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("db", storing())
		o := f.holding(diskOf(100))
		f.Accept(o, scheduler.Reserve("r", reservedDisk(100)), scheduler.Create("c", volumeOf(60, "v")), scheduler.LaunchTasks(taskOn(o, "t", "sleep 10", volumeOf(60, "v"))))
		c.Until(time.Minute, "the task to run", f.In("t", running))
		c.Until(time.Minute, "the operations to be over", func() bool { return f.Operated("r", opFinished)() && f.Operated("c", opFinished)() })
		c.Check()
		c.Until(time.Minute, "the task to end", func() bool { return f.Over("t") })
		o = f.holding(volumeOf(60, "v"), reservedDisk(40))
		if got, want := c.Agents[0].Volumes.There(), []string{"web:v"}; !slices.Equal(got, want) {
			t.Errorf("volumes %v on the agent, want %v", got, want)
		}
		f.Accept(o, scheduler.GrowVolume("g", volumeOf(60, "v"), reservedDisk(40)), scheduler.ShrinkVolume("s", volumeOf(100, "v"), 70))
		o = f.holding(volumeOf(30, "v"), reservedDisk(70))
		f.Accept(o, scheduler.Destroy("d", volumeOf(30, "v")), scheduler.Unreserve("u", reservedDisk(100)))
		c.Until(time.Minute, "the operations to be over", func() bool { return f.Operated("d", opFinished)() && f.Operated("u", opFinished)() })
		f.holding(diskOf(10240))
		if left := c.Agents[0].Volumes; len(left.There()) > 0 || left.Waste() > 0 {
			t.Errorf("volumes %v and %d that wait are left, want none", left.There(), left.Waste())
		}
		// What is acknowledged is asked for in vain.
		f.Driver().ReconcileOperations(&schedulerv1.Call_ReconcileOperations_Operation{OperationId: &v1.OperationID{Value: proto.String("d")}, AgentId: o.AgentId})
		c.Until(time.Second, "the reconciliation", f.Operated("d", v1.OperationState_OPERATION_UNKNOWN))
		c.Check()
	})
}

func TestBadOperations(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("db", storing())
		o := f.holding(diskOf(100))
		f.Accept(o, scheduler.Reserve("much", reservedDisk(1e6)), scheduler.Create("none", volumeOf(5, "v")), scheduler.Reserve("twice", reservedDisk(1)), scheduler.Reserve("twice", reservedDisk(1)))
		for id, want := range map[string]v1.OperationState{"much": opError, "none": opError} {
			c.Until(time.Second, "the refusal of "+id, f.Operated(id, want))
		}
		c.Until(time.Minute, "one of two of an id", func() bool { return len(f.OperationStates("twice")) == 2 })
		if got, want := f.OperationStates("twice"), []v1.OperationState{opError, opFinished}; !slices.Equal(got, want) {
			t.Errorf("states %v of an id used twice, want %v", got, want)
		}
		f.Accept(o, scheduler.Reserve("stale", reservedDisk(1)))
		c.Until(time.Second, "the refusal of a used offer", f.Operated("stale", opDropped))
		c.Check()
	})
}

// An operation that launches tasks must not have an id: its tasks are told to be in error, and so is the operation.
func TestLaunchWithID(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("db", storing())
		for _, kind := range []v1.Offer_Operation_Type{v1.Offer_Operation_LAUNCH, v1.Offer_Operation_LAUNCH_GROUP} {
			id := kind.String()
			o := f.holding(diskOf(100))
			task := taskOn(o, id, "true")
			op := scheduler.LaunchTasks(task)
			if kind == v1.Offer_Operation_LAUNCH_GROUP {
				op = &v1.Offer_Operation{Type: kind.Enum(), LaunchGroup: &v1.Offer_Operation_LaunchGroup{
					Executor: &v1.ExecutorInfo{ExecutorId: ids.Executor("e"), Type: v1.ExecutorInfo_DEFAULT.Enum()}, TaskGroup: &v1.TaskGroupInfo{Tasks: []*v1.TaskInfo{task}},
				}}
			}
			op.Id = &v1.OperationID{Value: proto.String(id)}
			f.Accept(o, op)
			c.Until(time.Minute, "the task to be in error", f.In(id, v1.TaskState_TASK_ERROR))
			c.Until(time.Minute, "the operation to be in error", f.Operated(id, opError))
			if text := f.Last(id).GetMessage(); !strings.Contains(text, "id") || !strings.Contains(text, id) {
				t.Errorf("%s: got message %q, want one that names id and type", id, text)
			}
			f.holding(diskOf(10240)) // nothing is used up
		}
		c.Check()
	})
}

func TestSharedVolume(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("db", storing())
		v := volumeOf(50, "v")
		v.Shared = &v1.Resource_SharedInfo{}
		o := f.holding(diskOf(50))
		f.Accept(o, scheduler.Reserve("", reservedDisk(50)), scheduler.Create("c", v), scheduler.LaunchTasks(taskOn(o, "one", "forever", v), taskOn(o, "two", "forever", v)))
		c.Until(time.Minute, "both tasks to run", func() bool { return f.In("one", running)() && f.In("two", running)() })
		o = f.holding(v)
		f.Accept(o, scheduler.LaunchTasks(taskOn(o, "three", "forever", v)), scheduler.Destroy("d", v))
		c.Until(time.Minute, "the third task to run", f.In("three", running))
		c.Until(time.Second, "the volume in use to be kept", f.Operated("d", opError))
		for _, task := range []string{"one", "two", "three"} {
			f.Driver().Kill(task, nil)
		}
		c.Until(time.Minute, "the tasks to end", func() bool { return f.Over("one") && f.Over("two") && f.Over("three") })
		f.Accept(f.holding(v), scheduler.Destroy("e", v))
		c.Until(time.Minute, "the volume to be destroyed", f.Operated("e", opFinished))
		f.holding(reservedDisk(50))
		c.Check()
	})
}

// Reservations and volumes outlive framework, master and agent.
func TestVolumesSurvive(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("db", storing())
		f.Accept(f.holding(diskOf(50)), scheduler.Reserve("", reservedDisk(50)), scheduler.Create("c", volumeOf(50, "v")))
		c.Until(time.Minute, "the volume", f.Operated("c", opFinished))
		f.Driver().Teardown()
		c.Agents[0].Crash()
		c.Advance(time.Second)
		c.Agents[0].Start()
		c.CrashMaster()
		c.Advance(time.Second)
		c.StartMaster()
		g := c.Framework("next", storing())
		g.holding(volumeOf(50, "v"))
		if got, want := c.Agents[0].Volumes.There(), []string{"web:v"}; !slices.Equal(got, want) {
			t.Errorf("volumes %v, want %v", got, want)
		}
		c.Check()
	})
}

// A master that replaces another takes over operations whose framework has not
// acknowledged them, and keeps them until it comes.
func TestOperationOutlivesItsMaster(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		o := storing()
		o.ManualAck = true
		f := c.Framework("db", o)
		f.Accept(f.holding(diskOf(50)), scheduler.Reserve("r", reservedDisk(50)))
		c.Until(time.Minute, "the reservation", f.Operated("r", opFinished))
		f.Crash()
		c.CrashMaster()
		c.Advance(time.Second)
		c.StartMaster()
		c.Advance(2 * time.Minute)
		told := len(f.OperationStates("r"))
		f.Start()
		c.Until(15*time.Minute, "the status to come again", func() bool { return len(f.OperationStates("r")) > told })
		s := f.Operation("r")
		if s.GetState() != opFinished || s.GetUuid() == nil {
			t.Errorf("status %v, want the one that is to be acknowledged", s)
		}
		f.Driver().ReconcileOperations()
		c.Until(time.Second, "the reconciliation of all", func() bool { return f.Operation("r").GetUuid() == nil })
		f.Driver().AcknowledgeOperation(s)
		c.Advance(time.Second)
		told = len(f.OperationStates("r"))
		c.Advance(time.Hour)
		if got := len(f.OperationStates("r")); got != told {
			t.Errorf("%d statuses came after the acknowledgement, want none", got-told)
		}
		c.Check()
	})
}

func TestLostOperation(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("db", storing())
		o := f.holding(diskOf(50))
		heal := c.Net.PartitionOneWay([]string{masterAddr}, []string{c.Agents[0].Addr()})
		f.Accept(o, scheduler.Reserve("r", reservedDisk(50)), scheduler.LaunchTasks(taskOn(o, "t", "true", reservedDisk(50))))
		c.Advance(10 * time.Second)
		heal()
		c.Until(2*time.Minute, "the lost operation to be told", f.Operated("r", opDropped))
		c.Until(2*time.Minute, "the lost launch to be told", f.In("t", dropped))
		f.holding(diskOf(10240))
		c.Check()
	})
}

// An operation that fails on the agent is undone everywhere, and so is what was
// built on it.
func TestFailedOperation(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("db", storing())
		c.Agents[0].Volumes.Full(true)
		o := f.holding(diskOf(50))
		f.Accept(o, scheduler.Reserve("r", reservedDisk(50)), scheduler.Create("c", volumeOf(50, "v")), scheduler.Destroy("d", volumeOf(50, "v")),
			scheduler.Create("e", volumeOf(50, "w")), scheduler.LaunchTasks(taskOn(o, "t", "true", volumeOf(50, "w"))))
		c.Until(time.Minute, "the failure", f.Operated("c", opFailed))
		for _, id := range []string{"d", "e"} {
			c.Until(time.Minute, "what needs it to fail", func() bool {
				s := f.Operation(id)
				return s != nil && (s.GetState() == opDropped || s.GetState() == opError || s.GetState() == opFailed)
			})
		}
		c.Until(time.Minute, "the task to be dropped", f.In("t", dropped))
		f.holding(reservedDisk(50))
		if s := f.OperationStates("r"); !slices.Equal(s, []v1.OperationState{opFinished}) {
			t.Errorf("the reservation was told %v, want OPERATION_FINISHED", s)
		}
		c.Agents[0].Volumes.Full(false)
		f.Accept(f.holding(reservedDisk(50)), scheduler.Create("again", volumeOf(50, "v")))
		c.Until(time.Minute, "the volume", f.Operated("again", opFinished))
		c.Check()
	})
}

// Wherever the agent dies, operations end once, and all agree on what there is.
func TestOperationsCrashAtEveryStep(t *testing.T) {
	for _, after := range []bool{false, true} {
		steps := 0
		for operationsCrashAt(t, steps+1, after) {
			steps++
		}
		if steps < 6 {
			t.Errorf("written %v: three operations took %d commits, want 6 at least", after, steps)
		}
	}
}

func operationsCrashAt(t *testing.T, n int, after bool) (crashed bool) {
	where := fmt.Sprintf("crash at commit %d, written %v", n, after)
	Run(t, Options{}, func(c *Cluster) {
		a := c.AddAgent("")
		f := c.Framework("db", storing())
		o := f.holding(diskOf(50))
		a.Disk.StopAt(n, after)
		f.Accept(o, scheduler.Reserve("r", reservedDisk(50)), scheduler.Create("c", volumeOf(50, "v")))
		c.Until(time.Minute, "the volume or the end of the agent", func() bool { return f.Operated("c", opFinished)() || a.Disk.Stopped() })
		if !a.Disk.Stopped() {
			f.Accept(f.holding(volumeOf(50, "v")), scheduler.Destroy("d", volumeOf(50, "v")))
			c.Until(time.Minute, "the volume's end or the agent's", func() bool { return f.Operated("d", opFinished)() || a.Disk.Stopped() })
		}
		c.Advance(5 * time.Second)
		if crashed = a.Disk.Stopped(); crashed {
			a.Crash()
			c.Advance(time.Second)
			a.Start()
		}
		over := func(id string) bool {
			s := f.Operation(id)
			return s != nil && s.GetState() != v1.OperationState_OPERATION_PENDING
		}
		c.Until(15*time.Minute, where+": the operations to be over", func() bool { return over("r") && over("c") })
		c.Advance(time.Minute)
		agree(c, where)
		for _, id := range []string{"r", "c", "d"} {
			if got := slices.Compact(f.OperationStates(id)); len(got) > 1 {
				t.Errorf("%s: operation %s was told %v, want one end", where, id, got)
			}
		}
	})
	return crashed
}

// agree checks that master, allocator, agents and disks have the same volumes,
// and that the agents' own files say so, too.
func agree(c *Cluster, where string) {
	c.T.Helper()
	c.Check()
	for _, a := range c.Agents {
		before := c.Has(a)
		var want []string
		for v := range before.Volumes().All() {
			want = append(want, nameOf(v))
		}
		slices.Sort(want)
		if got := a.Volumes.There(); !slices.Equal(got, want) {
			c.T.Errorf("%s: the disk has volumes %v, the master believes in %v", where, got, want)
		}
		if n := a.Volumes.Waste(); n > 0 {
			c.T.Errorf("%s: the data of %d volumes waits for its deletion", where, n)
		}
		a.Crash()
		a.Start()
		c.Advance(2 * time.Minute)
		if after := c.Has(a); !after.Equal(before) {
			c.T.Errorf("%s: the agent's own state is %v, the master believed in %v", where, after, before)
		}
		c.Check()
	}
}

// The tasks of a custom executor get their volumes while it runs.
func TestVolumesOfACustomExecutor(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("db", storing())
		task := func(o *v1.Offer, id, volume string) *v1.TaskInfo {
			t := custom(id, "e", "forever")
			t.AgentId, t.Labels = o.AgentId, &v1.Labels{Labels: []*v1.Label{{Key: proto.String("model"), Value: proto.String("forever")}}}
			t.Resources = append(t.Resources, volumeOf(10, volume))
			return t
		}
		o := f.holding(diskOf(30))
		f.Accept(o, scheduler.Reserve("", reservedDisk(30)), scheduler.Create("", volumeOf(10, "v"), volumeOf(10, "w"), volumeOf(10, "x")),
			scheduler.LaunchTasks(task(o, "one", "v"), task(o, "two", "w")))
		c.Until(time.Minute, "the tasks to run", func() bool { return f.In("one", running)() && f.In("two", running)() })
		got := c.Agents[0].Volumes.Links()
		slices.Sort(got)
		if want := []string{"web:v", "web:w"}; !slices.Equal(got, want) {
			t.Errorf("volumes %v were given to the executor, want %v", got, want)
		}
		c.Agents[0].Volumes.Full(true)
		f.Accept(f.holding(volumeOf(10, "x")), scheduler.LaunchTasks(task(o, "three", "x")))
		c.Until(time.Minute, "a task without its volume to fail", f.In("three", failed))
		c.Check()
	})
}
