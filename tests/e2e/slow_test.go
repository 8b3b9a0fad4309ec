package e2e

import (
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// TestSlowReaders has clients stop reading while far more is due to them than a master keeps for one: a framework over
// HTTP, one of an old driver, an operator. Each is cut off, with a word in the log, the master's memory stays within
// bounds, and who reads is served.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		start func(*testing.T, *cluster.Cluster) (more func())
		said  string // in the master's log
	}{
		{"framework", slowFramework, "subscriber reads too slowly"},
		{"driver", slowDriver, `cause="queue full"`},
		{"operator", slowOperator, "subscriber reads too slowly"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
			url := c.URL("/api/v1/scheduler")
			victim := subscribe(t, url)
			victim.until(t, `"type":"OFFERS"`)
			before := residentKB(t, c.Master.PID())
			more, highest := tt.start(t, c), 0
			eventually(t, "the slow reader to be cut off", func() bool {
				if !strings.Contains(c.Master.Log(), tt.said) {
					more()
				}
				highest = max(highest, residentKB(t, c.Master.PID()))
				return strings.Contains(c.Master.Log(), tt.said)
			})
			t.Logf("the master grew from %d to %d KB at most", before, highest)
			if grown := highest - before; grown > slowBound {
				t.Errorf("the master grew by %d KB, want %d at most", grown, slowBound)
			}
			ask := `{"type":"RECONCILE","framework_id":{"value":"` + victim.id + `"},"reconcile":{"tasks":[{"task_id":{"value":"nobody"}}]}}`
			if code, text := post(t, url, "application/json", victim.streamID, strings.NewReader(ask)); code != http.StatusAccepted {
				t.Errorf("RECONCILE of the framework beside: got %d %s, want 202", code, text)
			}
			victim.until(t, `"UPDATE"`, `"nobody"`)
		})
	}
}

// slowBound is how much a master may grow for one reader, in KB: what waits for it may be 64 MiB, which the garbage
// collector keeps about twice, and so it is with the questions, and the events that it was made of. 0.4 GiB were seen;
// without a bound nobody would be cut off.
const slowBound = 1 << 20

// slowDial connects and takes as little in advance as can be.
func slowDial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	return conn
}

// slowStream subscribes and reads no more than it must to know who it is.
func slowStream(t *testing.T, c *cluster.Cluster, path, body string) (head string) {
	t.Helper()
	conn := slowDial(t, c.Addr())
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	piece := make([]byte, 256)
	for !strings.Contains(head, `"SUBSCRIBED"`) || strings.Count(head, "}}") == 0 {
		n, err := conn.Read(piece)
		if err != nil {
			t.Fatalf("%s answered %q: %v", path, head, err)
		}
		head += string(piece[:n])
	}
	return head
}

// between is what stands after one text and before the next.
func between(t *testing.T, text, after, before string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, after)
	out, _, ends := strings.Cut(rest, before)
	if !ok || !ends {
		t.Fatalf("there is no %q … %q in %q", after, before, text)
	}
	return out
}

// unknownTasks is how many tasks, which nobody knows, one question asks for: each is answered by an event.
const unknownTasks = 20000

func unknownTask(i int) string { return fmt.Sprintf("%0200d", i) }

func slowFramework(t *testing.T, c *cluster.Cluster) (more func()) {
	head := slowStream(t, c, "/api/v1/scheduler", `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"slow","failover_timeout":600}}}`)
	stream, id := between(t, head, "Mesos-Stream-Id: ", "\r\n"), between(t, head, `"framework_id":{"value":"`, `"`)
	var tasks []string
	for i := range unknownTasks {
		tasks = append(tasks, `{"task_id":{"value":"`+unknownTask(i)+`"}}`)
	}
	call := `{"type":"RECONCILE","framework_id":{"value":"` + id + `"},"reconcile":{"tasks":[` + strings.Join(tasks, ",") + `]}}`
	return func() {
		// It is refused once the framework is cut off.
		_, _ = post(t, c.URL("/api/v1/scheduler"), "application/json", stream, strings.NewReader(call))
	}
}

var frameworkID = regexp.MustCompile(`[0-9a-f-]{36}-[0-9]{4}`)

func slowDriver(t *testing.T, c *cluster.Cluster) (more func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	d := &oldDriver{pid: "scheduler-1@" + l.Addr().String()}
	send := func(m proto.Message) int {
		body, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return d.post(t, c.URL("/master/"+string(m.ProtoReflect().Descriptor().FullName())), d.pid, body)
	}
	if code := send(&internalpb.RegisterFrameworkMessage{Framework: &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("slow"), FailoverTimeout: proto.Float64(600),
	}}); code != http.StatusAccepted {
		t.Fatalf("registration: got %d, want 202", code)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	var told []byte
	for piece := make([]byte, 64); frameworkID.Find(told) == nil; {
		n, err := conn.Read(piece)
		if err != nil {
			t.Fatalf("the master said %q: %v", told, err)
		}
		told = append(told, piece[:n]...)
	}
	id := string(frameworkID.Find(told))
	var asked []*v1.TaskStatus
	for i := range unknownTasks {
		asked = append(asked, &v1.TaskStatus{TaskId: ids.Task(unknownTask(i)), State: v1.TaskState_TASK_RUNNING.Enum()})
	}
	return func() { _ = send(&internalpb.ReconcileTasksMessage{FrameworkId: ids.Framework(id), Statuses: asked}) }
}

func slowOperator(t *testing.T, c *cluster.Cluster) (more func()) {
	slowStream(t, c, "/api/v1", `{"type":"SUBSCRIBE"}`)
	s := subscribe(t, c.URL("/api/v1/scheduler"))
	n := 0
	return func() {
		// The operator is told of each change of a framework.
		n++
		body := fmt.Sprintf(`{"type":"UPDATE_FRAMEWORK","framework_id":{"value":%q},"update_framework":{"framework_info":{"user":"root","name":"victim","failover_timeout":60,
			"id":{"value":%q},"labels":{"labels":[{"key":"k%d","value":%q}]}}}}`, s.id, s.id, n, strings.Repeat("x", 4<<20))
		if code, text := post(t, c.URL("/api/v1/scheduler"), "application/json", s.streamID, strings.NewReader(body)); code != http.StatusOK {
			t.Fatalf("UPDATE_FRAMEWORK: got %d %.200s, want 200", code, text)
		}
	}
}
