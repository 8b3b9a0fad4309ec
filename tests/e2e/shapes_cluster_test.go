package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// furnish has something of everything that TestShapes looks at: a framework with a persistent volume, a task with a
// health check on it, one that failed, a group, offers, quota, weights, a maintenance schedule. It returns a sandbox.
func furnish(t *testing.T, c *cluster.Cluster) (sandbox string) {
	t.Helper()
	f := &furnisher{t: t, url: c.URL("/api/v1/scheduler"), states: map[string]string{}}
	f.stream = openStream(t, f.url, "application/json", `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"shapes","failover_timeout":60,
		"checkpoint":true,"roles":["web/a"],"principal":"alice","webui_url":"http://example.test/","labels":{"labels":[{"key":"team","value":"x"}]},
		"capabilities":[{"type":"MULTI_ROLE"},{"type":"RESERVATION_REFINEMENT"},{"type":"PARTITION_AWARE"},{"type":"TASK_KILLING_STATE"}]}}}`)
	f.until(func() bool { return f.offer != "" })
	disk := `{"name":"disk","type":"SCALAR","scalar":{"value":16},"reservations":[{"type":"DYNAMIC","role":"web/a","principal":"alice"}]`
	volume := disk + `,"disk":{"persistence":{"id":"v1","principal":"alice"},"volume":{"mode":"RW","container_path":"data"}}}`
	f.accept(`{"type":"RESERVE","reserve":{"resources":[`+disk+`}]}},{"type":"CREATE","create":{"volumes":[`+volume+`]}}`,
		f.task("web.1", "sleep 1000", `,{"name":"ports","type":"RANGES","ranges":{"range":[{"begin":31001,"end":31002}]}},`+volume,
			`,"labels":{"labels":[{"key":"k","value":"v"}]},"discovery":{"visibility":"CLUSTER","name":"web","ports":{"ports":[{"number":31001,"name":"http","protocol":"tcp"}]}},
			"health_check":{"type":"COMMAND","delay_seconds":0,"interval_seconds":1,"command":{"value":"true"}}`),
		f.task("batch.1", "exit 4", "", ""))
	f.until(func() bool { return f.healthy && f.states["batch.1"] == "TASK_FAILED" && f.offer != "" })
	f.launchGroup()
	f.until(func() bool {
		return f.states["pod.0"] == "TASK_RUNNING" && f.states["pod.1"] == "TASK_RUNNING" && f.offer != "" && f.sent == f.acked
	})
	set := func(method, path, body string) {
		t.Helper()
		req := httptest.NewRequest(method, c.URL(path), strings.NewReader(body))
		req.RequestURI = ""
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s %s %s: got %s, want 200", method, path, body, resp.Status)
		}
	}
	set("POST", "/api/v1", `{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"web","guarantees":{"cpus":{"value":1}},"limits":{"cpus":{"value":4}}}]}}`)
	set("PUT", "/weights", `[{"role":"web/a","weight":2.5}]`)
	set("POST", "/maintenance/schedule", `{"windows":[{"machine_ids":[{"hostname":"other","ip":"127.0.0.99"}],"unavailability":{"start":{"nanoseconds":4000000000000000000},"duration":{"nanoseconds":3600000000000}}}]}`)
	return sandboxes(t, c)["web.1"]
}

// sandboxes are those of the executors on the first agent, by their ids.
func sandboxes(t *testing.T, c *cluster.Cluster) map[string]string {
	t.Helper()
	resp, err := http.Get("http://" + c.AgentAddr(0) + "/state")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var state struct {
		Frameworks []struct {
			Executors []struct{ ID, Directory string }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&state); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range state.Frameworks {
		for _, e := range f.Executors {
			out[e.ID] = e.Directory
		}
	}
	return out
}

// furnisher is the framework of furnish.
type furnisher struct {
	t           *testing.T
	url         string
	stream      *eventStream
	id, agent   string
	offer       string // the newest that is not used
	healthy     bool
	states      map[string]string // by task
	sent, acked int               // statuses that want to be acknowledged, and those that were
}

type furnishEvent struct {
	Type       string
	Subscribed struct {
		FrameworkID struct{ Value string } `json:"framework_id"`
	}
	Offers struct {
		Offers []struct {
			ID      struct{ Value string }
			AgentID struct{ Value string } `json:"agent_id"`
		}
	}
	Rescind struct {
		OfferID struct{ Value string } `json:"offer_id"`
	}
	Update struct {
		Status struct {
			TaskID  struct{ Value string } `json:"task_id"`
			State   string
			UUID    string
			Healthy bool
			Place   struct {
				PID int `json:"executor_pid"`
			} `json:"container_status"`
		}
	}
}

// until takes events, and acknowledges statuses, until it is so.
func (f *furnisher) until(so func() bool) {
	f.t.Helper()
	for !so() {
		text := f.stream.next(f.t)
		var e furnishEvent
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			f.t.Fatalf("event %s: %v", text, err)
		}
		switch e.Type {
		case "SUBSCRIBED":
			f.id = e.Subscribed.FrameworkID.Value
		case "OFFERS":
			o := e.Offers.Offers[len(e.Offers.Offers)-1]
			f.offer, f.agent = o.ID.Value, o.AgentID.Value
		case "RESCIND":
			if e.Rescind.OfferID.Value == f.offer {
				f.offer = ""
			}
		case "UPDATE":
			s := e.Update.Status
			if s.State == "TASK_RUNNING" && s.Place.PID == 0 {
				f.t.Errorf("no process of the task's container in %s", text)
			}
			f.states[s.TaskID.Value], f.healthy = s.State, f.healthy || s.Healthy
			if s.UUID == "" {
				continue
			}
			f.sent++
			f.call(`"type":"ACKNOWLEDGE","acknowledge":{"agent_id":{"value":"` + f.agent + `"},"task_id":{"value":"` + s.TaskID.Value + `"},"uuid":"` + s.UUID + `"}`)
			f.acked++
		}
	}
}

func (f *furnisher) call(rest string) {
	f.t.Helper()
	if code, text := post(f.t, f.url, "application/json", f.stream.streamID, strings.NewReader(`{"framework_id":{"value":"`+f.id+`"},`+rest+`}`)); code != http.StatusAccepted {
		f.t.Fatalf("%s: got %d %s, want 202", rest, code, text)
	}
}

// accept uses the offer for operations and tasks; what is left is offered again at once.
func (f *furnisher) accept(operations string, tasks ...string) {
	f.t.Helper()
	f.use(operations + `,{"type":"LAUNCH","launch":{"task_infos":[` + strings.Join(tasks, ",") + `]}}`)
}

func (f *furnisher) use(operations string) {
	f.t.Helper()
	offer := f.offer
	f.offer = ""
	f.call(`"type":"ACCEPT","accept":{"offer_ids":[{"value":"` + offer + `"}],"operations":[` + operations + `],"filters":{"refuse_seconds":0}}`)
}

func (f *furnisher) task(id, command, resources, rest string) string {
	return fmt.Sprintf(`{"name":%q,"task_id":{"value":%q},"agent_id":{"value":%q},"command":{"value":%q},"resources":[%s%s]%s}`,
		id, id, f.agent, command, amounts(0.1, 32), resources, rest)
}

func amounts(cpus, mem float64) string {
	return fmt.Sprintf(`{"name":"cpus","type":"SCALAR","scalar":{"value":%v}},{"name":"mem","type":"SCALAR","scalar":{"value":%v}}`, cpus, mem)
}

func (f *furnisher) launchGroup() {
	f.t.Helper()
	f.use(`{"type":"LAUNCH_GROUP","launch_group":{"executor":{"type":"DEFAULT","executor_id":{"value":"pod-ex"},"framework_id":{"value":"` + f.id + `"},"resources":[` +
		amounts(0.1, 32) + `,{"name":"disk","type":"SCALAR","scalar":{"value":32}}]},"task_group":{"tasks":[` + f.task("pod.0", "sleep 1000", "", "") + `,` + f.task("pod.1", "sleep 1000", "", "") + `]}}}`)
}
