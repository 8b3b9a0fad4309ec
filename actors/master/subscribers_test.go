package master

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/recordio"
	"mesos/messages/resources"
)

// reader is a client of the event stream.
type reader struct {
	tb     testing.TB
	kind   httpapi.Type
	events *recordio.Reader
	close  func()
}

func subscribeTo(tb testing.TB, url string, kind httpapi.Type) *reader {
	tb.Helper()
	body, err := httpapi.Marshal(kind, &masterv1.Call{Type: masterv1.Call_SUBSCRIBE.Enum()})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", kind.String())
	r.Header.Set("Accept", kind.String())
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	closed := func() { cancel(); _ = w.Body.Close() }
	tb.Cleanup(closed)
	if w.StatusCode != http.StatusOK || w.Header.Get("Content-Type") != kind.String() {
		tb.Fatalf("got %d of type %s, want 200 of %s", w.StatusCode, w.Header.Get("Content-Type"), kind)
	}
	return &reader{tb, kind, recordio.NewReader(w.Body, 64<<20), closed}
}

func (r *reader) next() (*masterv1.Event, error) {
	record, err := r.events.Read()
	if err != nil {
		return nil, err
	}
	e := &masterv1.Event{}
	if err := httpapi.Unmarshal(r.kind, record, e); err != nil {
		r.tb.Fatal(err)
	}
	return e, nil
}

// want reads events until it has those wanted, past heartbeats.
func (r *reader) want(types ...masterv1.Event_Type) []*masterv1.Event {
	r.tb.Helper()
	var out []*masterv1.Event
	for _, kind := range types {
		for {
			e, err := r.next()
			if err != nil {
				r.tb.Fatalf("waiting for %s: %v", kind, err)
			}
			if e.GetType() == masterv1.Event_HEARTBEAT && kind != masterv1.Event_HEARTBEAT {
				continue
			}
			if e.GetType() != kind {
				r.tb.Fatalf("got %s, want %s", e.GetType(), kind)
			}
			out = append(out, e)
			break
		}
	}
	return out
}

// deaf is the connection of a framework that nobody reads.
type deaf struct{}

func (deaf) Send(*schedulerv1.Event) {}
func (deaf) Close()                  {}
func (deaf) StreamID() string        { return "stream" }

func TestEventStream(t *testing.T) {
	for _, kind := range []httpapi.Type{httpapi.JSON, httpapi.Protobuf} {
		t.Run(kind.String(), func(t *testing.T) {
			s := stand(t, Config{HeartbeatInterval: 20 * time.Millisecond})
			s.register(t, 1, "cpus:4;mem:4096")
			r := subscribeTo(t, serve(t, s), kind)
			first := r.want(masterv1.Event_SUBSCRIBED)[0].GetSubscribed()
			if got := len(first.GetGetState().GetGetAgents().GetAgents()); got != 1 || first.GetHeartbeatIntervalSeconds() != 0.02 {
				t.Errorf("SUBSCRIBED: got %d agents and a heartbeat every %v s, want 1 and 0.02", got, first.GetHeartbeatIntervalSeconds())
			}
			if e, err := r.next(); err != nil || e.GetType() != masterv1.Event_HEARTBEAT {
				t.Fatalf("got %v (%v), want a HEARTBEAT behind SUBSCRIBED", e, err)
			}
			r.want(masterv1.Event_HEARTBEAT, masterv1.Event_HEARTBEAT)
			s.tellStory(t, r)
		})
	}
}

// tellStory lets everything happen that has an event.
func (s *standing) tellStory(t *testing.T, r *reader) {
	t.Helper()
	var agent, framework string
	s.do(t, func() { s.registerAgentAt(2) })
	agent = r.want(masterv1.Event_AGENT_ADDED)[0].GetAgentAdded().GetAgent().GetAgentInfo().GetId().GetValue()

	subscribe := &schedulerv1.Call{Type: schedulerv1.Call_SUBSCRIBE.Enum(), Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: proto.CloneOf(webFramework)}}
	s.do(t, func() { s.subscribe(subscribe, deaf{}) })
	added := r.want(masterv1.Event_FRAMEWORK_ADDED)[0].GetFrameworkAdded().GetFramework()
	if framework = added.GetFrameworkInfo().GetId().GetValue(); !added.GetConnected() || !added.GetActive() {
		t.Errorf("FRAMEWORK_ADDED: got %v, want it connected and active", added)
	}
	renamed := proto.CloneOf(subscribe)
	renamed.FrameworkId, renamed.Subscribe.FrameworkInfo.Id = ids.Framework(framework), ids.Framework(framework)
	renamed.Subscribe.FrameworkInfo.Name = proto.String("renamed")
	s.do(t, func() { s.subscribe(renamed, deaf{}) })
	if got := r.want(masterv1.Event_FRAMEWORK_UPDATED)[0].GetFrameworkUpdated().GetFramework().GetFrameworkInfo().GetName(); got != "renamed" {
		t.Errorf("FRAMEWORK_UPDATED: got name %q, want renamed", got)
	}

	s.do(t, func() { s.launchTask(framework, agent, "web.1", resources.MustParse("cpus:0.1").Allocate("web/a")) })
	events := r.want(masterv1.Event_TASK_ADDED, masterv1.Event_TASK_UPDATED, masterv1.Event_TASK_UPDATED)
	if task := events[0].GetTaskAdded().GetTask(); task.GetTaskId().GetValue() != "web.1" || task.GetState() != v1.TaskState_TASK_STAGING {
		t.Errorf("TASK_ADDED: got %v, want web.1 staging", task)
	}
	if u := events[2].GetTaskUpdated(); u.GetState() != v1.TaskState_TASK_RUNNING || len(u.GetStatus().GetUuid()) != 16 {
		t.Errorf("TASK_UPDATED: got %v, want it running", u)
	}

	// One that the agent repeats is told once.
	again := updateOf(framework, agent, "web.1", v1.TaskState_TASK_RUNNING)
	s.do(t, func() {
		for range 2 {
			s.statusUpdate(s.agents[agent].upid, proto.CloneOf(again))
		}
	})
	r.want(masterv1.Event_TASK_UPDATED)

	s.gone(t, agent)
	events = r.want(masterv1.Event_TASK_UPDATED, masterv1.Event_AGENT_REMOVED)
	if u := events[0].GetTaskUpdated(); u.GetState() != v1.TaskState_TASK_GONE_BY_OPERATOR || u.GetFrameworkId().GetValue() != framework {
		t.Errorf("TASK_UPDATED: got %v, want it gone", u)
	}
	if got := events[1].GetAgentRemoved().GetAgentId().GetValue(); got != agent {
		t.Errorf("AGENT_REMOVED: got %s, want %s", got, agent)
	}
	s.do(t, func() { s.teardown(framework) })
	if got := r.want(masterv1.Event_FRAMEWORK_REMOVED)[0].GetFrameworkRemoved().GetFrameworkInfo().GetId().GetValue(); got != framework {
		t.Errorf("FRAMEWORK_REMOVED: got %s, want %s", got, framework)
	}
}

// TestNothingIsMissedOrTwice subscribes while tasks are launched: every task is either in the picture or told after it.
func TestNothingIsMissedOrTwice(t *testing.T) {
	const tasks = 400
	s := stand(t, Config{})
	agent := s.register(t, 1, "cpus:64;mem:4096")[0]
	framework := s.framework(t, webFramework)
	url := serve(t, s)
	launched := make(chan struct{})
	res := resources.MustParse("cpus:0.1").Allocate("web/a")
	go func() {
		defer close(launched)
		for i := range tasks {
			s.p.Dispatch(func() { s.launchTask(framework, agent, fmt.Sprint(i), res) })
		}
	}()
	for range 10 {
		r := subscribeTo(t, url, httpapi.Protobuf)
		seen := map[string]int{}
		for _, task := range r.want(masterv1.Event_SUBSCRIBED)[0].GetSubscribed().GetGetState().GetGetTasks().GetTasks() {
			seen[task.GetTaskId().GetValue()]++
		}
		for len(seen) < tasks {
			e, err := r.next()
			if err != nil {
				t.Fatal(err)
			}
			if e.GetType() == masterv1.Event_TASK_ADDED {
				seen[e.GetTaskAdded().GetTask().GetTaskId().GetValue()]++
			}
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("task %s: told %d times, want once", id, n)
			}
		}
		r.close()
	}
	<-launched
}

// TestOldestSubscriberIsDropped opens one stream more than may be.
func TestOldestSubscriberIsDropped(t *testing.T) {
	s := stand(t, Config{MaxSubscribers: 2})
	url := serve(t, s)
	var readers []*reader
	for range 3 {
		r := subscribeTo(t, url, httpapi.JSON)
		r.want(masterv1.Event_SUBSCRIBED, masterv1.Event_HEARTBEAT)
		readers = append(readers, r)
	}
	if e, err := readers[0].next(); !errors.Is(err, io.EOF) {
		t.Errorf("the oldest: got %v (%v), want the end", e, err)
	}
	s.do(t, func() { s.registerAgentAt(1) })
	for _, r := range readers[1:] {
		r.want(masterv1.Event_AGENT_ADDED)
	}
	if n := s.subs.Count(); n != 2 {
		t.Errorf("got %d subscribers, want 2", n)
	}
}

// TestSlowSubscriberIsDropped never reads on one of two streams, as in Mesos issue 7748.
func TestSlowSubscriberIsDropped(t *testing.T) {
	s := stand(t, Config{SubscriberQueue: 1 << 20})
	agent, framework := s.oneTask(t)
	url := serve(t, s)
	slow, quick := subscribeTo(t, url, httpapi.Protobuf), subscribeTo(t, url, httpapi.Protobuf)
	quick.want(masterv1.Event_SUBSCRIBED)
	slow.want(masterv1.Event_SUBSCRIBED)
	big := strings.Repeat("x", 256<<10)
	for s.subs.Count() == 2 {
		s.do(t, func() {
			task := s.frameworks[framework].tasks["web.1"]
			s.announceUpdate(task, &v1.TaskStatus{TaskId: ids.Task("web.1"), AgentId: ids.Agent(agent), State: task.state.Enum(), Message: &big})
		})
		quick.want(masterv1.Event_TASK_UPDATED) // reads as fast as it is told
	}
	for {
		if _, err := slow.next(); err != nil {
			if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("the slow stream ended well (%v), want it cut", err)
			}
			break
		}
	}
	s.do(t, func() { s.registerAgentAt(9) })
	quick.want(masterv1.Event_AGENT_ADDED)
}
