package isolation

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
	"mesos/tests/cluster"
)

// patience bounds how long a test waits for what must come.
const patience = 2 * time.Minute

// isolation of the agent that services run on.
const isolation = "cgroups/cpu,cgroups/mem,cgroups/pids,namespaces/pid,ebpf/all,network/bridge"

// machine is the address of what the test takes for the agent's machine.
const machine = "10.91.0.1"

// host is an agent that isolates and counts, and a framework of role db on it.
type host struct {
	t      *testing.T
	c      *cluster.Cluster
	driver *scheduler.Driver

	mu     sync.Mutex
	offers []*v1.Offer
	full   bool // it leaves what is offered to others
	tasks  map[string]*v1.TaskStatus
}

func newHost(t *testing.T, amounts string) *host {
	t.Helper()
	cluster.NeedCgroups(t, "cpu", "memory", "pids")
	h := &host{t: t, tasks: map[string]*v1.TaskStatus{}}
	h.c = cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, Resources: amounts,
		AgentFlags: []string{"--isolation=" + isolation, "--cgroups_enable_cfs", "--cgroups_pids_limit=300", "--network_bridge_subnet=10.92.0.0/24"},
		Place:      func(string) cluster.Place { return cluster.Place{IP: machine} },
	})
	silent := slog.New(slog.DiscardHandler)
	net, err := link.DialOnly(machine, link.Options{Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(silent))
	t.Cleanup(sys.Shutdown)
	info := &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("services"), Roles: []string{"db"}, Capabilities: []*v1.FrameworkInfo_Capability{
		{Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()}, {Type: v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT.Enum()},
	}}
	h.driver, err = scheduler.Start(sys, "scheduler(1)", scheduler.Config{Master: actors.UPID{ID: "master", Addr: h.c.Addr()}, Framework: info, Log: silent}, scheduler.Callbacks{
		Offers: func(_ *scheduler.Driver, offers []*v1.Offer) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.offers = append(h.offers, offers...); h.full {
				h.decline()
			}
		},
		Update: func(_ *scheduler.Driver, s *v1.TaskStatus) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.tasks[s.GetTaskId().GetValue()] = s
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// accept carries out operations on an offer that has what is needed.
func (h *host) accept(need resources.Resources, ops func(agent *v1.AgentID) []*v1.Offer_Operation) {
	h.t.Helper()
	h.mu.Lock()
	if h.full {
		h.full = false
		h.driver.Revive()
	}
	h.mu.Unlock()
	eventually(h.t, "an offer with "+need.String(), func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		for i, o := range h.offers {
			r, err := resources.FromProto(o.GetResources())
			if err != nil || !r.Unallocate().Contains(need) {
				continue
			}
			h.offers = append(h.offers[:i:i], h.offers[i+1:]...)
			h.driver.Accept([]*v1.OfferID{o.Id}, ops(o.AgentId), scheduler.RefuseFor(0))
			return true
		}
		return false
	})
}

// leave leaves what is not used to other frameworks, until the next accept.
func (h *host) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.full = true
	h.decline()
}

func (h *host) decline() {
	for _, o := range h.offers {
		h.driver.Decline(scheduler.RefuseFor(3600), o.GetId())
	}
	h.offers = nil
}

// task waits until a task is in a state.
func (h *host) task(id string, want v1.TaskState) {
	h.t.Helper()
	eventually(h.t, id+" to be "+want.String(), func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		s := h.tasks[id]
		if s != nil && states.Terminal(s.GetState()) && s.GetState() != want {
			h.t.Fatalf("%s is %v: %s", id, s.GetState(), s.GetMessage())
		}
		return s.GetState() == want
	})
}

func command(agent *v1.AgentID, id, line string, r resources.Resources) *v1.TaskInfo {
	return &v1.TaskInfo{Name: proto.String(id), TaskId: ids.Task(id), AgentId: agent, Resources: r.Proto(), Command: &v1.CommandInfo{Value: proto.String(line)}}
}

// used is what the agent tells of a task's container.
type used struct {
	Executor   string `json:"executor_id"`
	Statistics struct {
		CPUs     float64 `json:"cpus_limit"`
		Periods  float64 `json:"cpus_nr_periods"`
		Mem      uint64  `json:"mem_rss_bytes"`
		MemLimit uint64  `json:"mem_limit_bytes"`
	} `json:"statistics"`
	Figures []struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
		Value  float64           `json:"value"`
	} `json:"figures"`
}

func (h *host) used(task string) used {
	h.t.Helper()
	r, err := http.Get(h.c.Agents[0].URL("/monitor/statistics"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Body.Close()
	var list []used
	if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
		h.t.Fatal(err)
	}
	for _, u := range list {
		if u.Executor == task {
			return u
		}
	}
	h.t.Fatalf("the agent tells nothing of %s", task)
	return used{}
}

// sum adds up the figures of a name that have a label; of disks there are several.
func (u used) sum(name, label, value string) (n int64) {
	for _, f := range u.Figures {
		if f.Name == name && f.Labels[label] == value {
			n += int64(f.Value)
		}
	}
	return n
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !cond(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %v: still waiting for %s", patience, what)
		}
	}
}
