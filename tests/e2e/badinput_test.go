package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// subscriber is a framework that is subscribed by plain HTTP and JSON.
type subscriber struct {
	*eventStream
	id string
}

func subscribe(t *testing.T, url string) *subscriber {
	t.Helper()
	s := &subscriber{eventStream: openStream(t, url, "application/json", `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"victim","failover_timeout":60}}}`)}
	first := s.next(t)
	_, rest, ok := strings.Cut(first, `"framework_id":{"value":"`)
	if !ok {
		t.Fatalf("first event is %s, want SUBSCRIBED with a framework id", first)
	}
	s.id, _, _ = strings.Cut(rest, `"`)
	return s
}

func TestBadRequests(t *testing.T) {
	c := cluster.Start(t, cluster.Options{Agents: 1})
	url := c.URL("/api/v1/scheduler")
	victim := subscribe(t, url)
	json := "application/json"
	call := func(kind, rest string) string {
		return fmt.Sprintf(`{"type":%q,"framework_id":{"value":%q}%s}`, kind, victim.id, rest)
	}
	for _, b := range []struct {
		name, contentType, stream, body string
		status                          int
		names                           string // what the answer must name
	}{
		{"no content type", "", "", call("REVIVE", ""), 400, "Content-Type"},
		{"wrong content type", "text/plain", "", "x", 415, "Content-Type"},
		{"content type with a parameter", "application/json; charset=utf-8", "", call("REVIVE", ""), 415, "Content-Type"},
		{"a record where a message belongs", "application/recordio", "", "20\n{\"type\":\"REV", 415, "Content-Type"},
		{"truncated protobuf", "application/x-protobuf", "", "\x0a\x7fabc", 400, "parse"},
		{"truncated JSON", json, "", `{"type":"REVIVE"`, 400, ""},
		{"300 levels deep", json, "", `{"type":"REVIVE","x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}", 400, "200"},
		{"unknown type", json, "", `{"type":"NONSENSE"}`, 400, "type"},
		{"unknown enum in a required field", json, victim.streamID, call("ACCEPT", `,"accept":{"offer_ids":[{"value":"x"}],"operations":[{"type":"LAUNCH","launch":{"task_infos":[{"name":"n","task_id":{"value":"t"},"agent_id":{"value":"a"},"resources":[{"name":"cpus","type":"BIG"}]}]}}]}`), 400, "accept.operations[0].launch.task_infos[0].resources[0].type"},
		{"missing required field", json, victim.streamID, call("KILL", `,"kill":{}`), 400, "kill.task_id"},
		{"missing part", json, victim.streamID, call("KILL", ""), 400, "kill"},
		{"no stream id", json, "", call("REVIVE", ""), 400, "Mesos-Stream-Id"},
		{"wrong stream id", json, "00000000-0000-0000-0000-000000000000", call("REVIVE", ""), 400, "Mesos-Stream-Id"},
		{"unknown framework", json, "x", `{"type":"REVIVE","framework_id":{"value":"nobody"}}`, 400, "framework_id"},
		{"framework id of 10 KB", json, "x", `{"type":"REVIVE","framework_id":{"value":"` + strings.Repeat("x", 10<<10) + `"}}`, 400, "framework_id"},
		{"short uuid", json, victim.streamID, call("ACKNOWLEDGE", `,"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"eA=="}`), 400, "acknowledge.uuid"},
		{"subscribe with a stream id", json, "x", `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"x"}}}`, 400, "Mesos-Stream-Id"},
		{"update without the framework's id", json, victim.streamID, call("UPDATE_FRAMEWORK", `,"update_framework":{"framework_info":{"user":"root","name":"x"}}`), 400, "update_framework.framework_info.id"},
	} {
		status, text := post(t, url, b.contentType, b.stream, strings.NewReader(b.body))
		if status != b.status || !strings.Contains(text, b.names) || len(text) == 0 || len(text) > 2000 {
			t.Errorf("%s: answered %d %.300q, want %d and a sentence with %q", b.name, status, text, b.status, b.names)
		}
	}
	// Refused frameworks get a stream with one ERROR event.
	for name, info := range map[string]string{
		"id that leaves its directory": `"id":{"value":"../x"},`, "id with a slash": `"id":{"value":"a/b"},`,
		"id with NUL": `"id":{"value":"a\u0000b"},`, "id of 10 KB": `"id":{"value":"` + strings.Repeat("x", 10<<10) + `"},`,
		"bad role": `"role":"a//b",`,
	} {
		id := ""
		if strings.HasPrefix(info, `"id"`) {
			id = `"framework_id":` + strings.TrimSuffix(strings.TrimPrefix(info, `"id":`), ",") + ","
		}
		status, text := post(t, url, json, "", strings.NewReader(`{"type":"SUBSCRIBE",`+id+`"subscribe":{"framework_info":{`+info+`"user":"root","name":"x"}}}`))
		if status != 200 || !strings.Contains(text, `"type":"ERROR"`) || !strings.Contains(text, "framework_info.") {
			t.Errorf("%s: answered %d %.300q, want 200 with an ERROR event that names framework_info", name, status, text)
		}
	}
	badTasks(t, victim, url)
	stillWell(t, victim, url)
}

// badTasks launches tasks with ids that must not become paths.
func badTasks(t *testing.T, s *subscriber, url string) {
	t.Helper()
	offer := s.until(t, `"type":"OFFERS"`)
	value := func(after string) string {
		_, rest, _ := strings.Cut(offer, after)
		v, _, _ := strings.Cut(rest, `"`)
		return v
	}
	offerID, agentID := value(`"offers":[{"id":{"value":"`), value(`"agent_id":{"value":"`)
	bad := []string{"../x", "a/b", `a\u0000b`, strings.Repeat("x", 10<<10)}
	var tasks []string
	for _, id := range bad {
		tasks = append(tasks, fmt.Sprintf(`{"name":"n","task_id":{"value":"%s"},"agent_id":{"value":%q},"command":{"value":"true"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}}]}`, id, agentID))
	}
	status, text := post(t, url, "application/json", s.streamID, strings.NewReader(fmt.Sprintf(
		`{"type":"ACCEPT","framework_id":{"value":%q},"accept":{"offer_ids":[{"value":%q}],"operations":[{"type":"LAUNCH","launch":{"task_infos":[%s]}}],"filters":{"refuse_seconds":0}}}`,
		s.id, offerID, strings.Join(tasks, ","))))
	if status != 202 {
		t.Fatalf("ACCEPT with bad tasks answered %d %s, want 202", status, text)
	}
	for range bad {
		s.until(t, `"type":"UPDATE"`, `"TASK_ERROR"`, `"REASON_TASK_INVALID"`, "task_id")
	}
}

// stillWell checks that a framework which did nothing wrong noticed nothing.
func stillWell(t *testing.T, s *subscriber, url string) {
	t.Helper()
	status, text := post(t, url, "application/json", s.streamID, strings.NewReader(fmt.Sprintf(`{"type":"REVIVE","framework_id":{"value":%q}}`, s.id)))
	if status != http.StatusAccepted || text != "" {
		t.Errorf("REVIVE of the framework beside answered %d %q, want 202", status, text)
	}
	s.until(t, `"type":"OFFERS"`)
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestHugeBodies(t *testing.T) {
	c := cluster.Start(t, cluster.Options{Agents: cluster.None, Separate: true})
	url := c.URL("/api/v1/scheduler")
	victim := subscribe(t, url)
	before := residentKB(t, c.Master.PID())
	const size = 100 << 20
	for range 5 {
		status, text := post(t, url, "application/json", "", io.LimitReader(zeros{}, size))
		if status != http.StatusRequestEntityTooLarge || text == "" {
			t.Fatalf("a body of 100 MB was answered %d %.200q, want 413", status, text)
		}
	}
	// The limit itself is 32 MB; the garbage collector may keep twice that for a while.
	if grown := residentKB(t, c.Master.PID()) - before; grown > 160<<10 {
		t.Errorf("the master grew by %d KB, want it bounded by the body limit", grown)
	}
	status, _ := post(t, url, "application/json", victim.streamID, strings.NewReader(fmt.Sprintf(`{"type":"REVIVE","framework_id":{"value":%q}}`, victim.id)))
	if status != http.StatusAccepted {
		t.Errorf("REVIVE of the framework beside answered %d, want 202", status)
	}
}

func residentKB(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Bytes that are neither HTTP nor an actor link, and connections that say
// nothing or break off, end alone.
func TestGarbageConnections(t *testing.T) {
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	victim := subscribe(t, c.URL("/api/v1/scheduler"))
	for _, addr := range []string{c.Addr(), c.AgentAddr(0)} {
		for _, garbage := range [][]byte{
			{}, {0}, []byte("\x00\xff\xfe garbage"), bytes.Repeat([]byte{0xff}, 1<<20), []byte("GET / HTTP/1.1\r\nHost"),
			[]byte("POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"type\""),
		} {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = conn.Write(garbage) // it may be cut off while it writes
			_ = conn.Close()
		}
	}
	stillWell(t, victim, c.URL("/api/v1/scheduler"))
	c.WaitAgents(1)
}
