package chronos

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/chronos/job"
	"mesos/actors/chronos/plan"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
	"mesos/messages/resources"
	"mesos/registry"
	"mesos/registry/boltfile"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func decode(t *testing.T, body string) *job.Job {
	t.Helper()
	j, err := job.Decode([]byte(body), job.Defaults{CPUs: 0.5, Mem: 64, Epsilon: time.Minute}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestAllowed(t *testing.T) {
	attributes, err := resources.ParseAttributes("rack:rack-2;size:3;ports:[1-5]")
	if err != nil {
		t.Fatal(err)
	}
	o := &v1.Offer{Hostname: proto.String("host-1"), Attributes: attributes}
	for constraints, want := range map[string]bool{
		`[]`:                                                    true,
		`[["rack","EQUALS","rack-2"]]`:                          true,
		`[["rack","EQUALS","rack"]]`:                            false,
		`[["rack","LIKE","rack-[1-3]"]]`:                        true,
		`[["rack","LIKE","ack"]]`:                               false,
		`[["rack","UNLIKE","rack-[1-3]"]]`:                      false,
		`[["rack","UNLIKE","rack-9"]]`:                          true,
		`[["none","EQUALS","x"]]`:                               false,
		`[["none","UNLIKE","x"]]`:                               true,
		`[["size","EQUALS","3"]]`:                               true,
		`[["ports","LIKE",".*"]]`:                               false,
		`[["hostname","EQUALS","host-1"]]`:                      true,
		`[["rack","EQUALS","rack-2"],["size","EQUALS","4"]]`:    false,
		`[["rack","EQUALS","rack-2"],["size","UNLIKE","[45]"]]`: true,
	} {
		j := decode(t, `{"name":"a","command":"true","constraints":`+constraints+`}`)
		if got := allowed(j, o); got != want {
			t.Errorf("%s: got %v, want %v", constraints, got, want)
		}
	}
}

func TestTake(t *testing.T) {
	j := decode(t, `{"name":"a","command":"true","cpus":1,"mem":100,"disk":10}`)
	for offer, want := range map[string]string{
		"cpus:4;mem:400;disk:100":                           "cpus:1; mem:100; disk:10",
		"cpus(web):0.4;cpus:4;mem:400;disk:100":             "cpus:0.6; cpus(web):0.4; mem:100; disk:10",
		"cpus:0.9;mem:400;disk:100":                         "",
		"cpus:4;mem:400":                                    "",
		"cpus:4;mem:400;disk:10;ports:[31000-31001];gpus:1": "cpus:1; mem:100; disk:10",
	} {
		got, ok := take(j, resources.MustParse(offer))
		if text := got.String(); ok != (want != "") || ok && text != want {
			t.Errorf("%s: got %q, %v, want %q", offer, text, ok, want)
		}
	}
}

func TestTaskInfo(t *testing.T) {
	r := &plan.Run{Job: "a", Due: noon, Attempt: 2, Arguments: "-x y"}
	try := plan.Try{TaskID: r.TaskID(), AgentID: "S0", Host: "h"}
	for body, want := range map[string][]string{
		`{"name":"a","command":"echo 1","owner":"o","maxCompletionTime":60,"environmentVariables":[{"name":"X","value":"1"},{"name":"HOST","value":"no"}]}`: {
			`"value":"echo 1 -x y"`, `"name":"ChronosTask:a"`, `"nanoseconds":60000000000`, `"name":"X","type":"VALUE","value":"1"`, `"name":"HOST","type":"VALUE","value":"h"`,
			`"name":"CHRONOS_JOB_RUN_TIME","type":"VALUE","value":"1767268800000"`, `"name":"CHRONOS_JOB_RUN_ATTEMPT","type":"VALUE","value":"2"`, `"name":"mesos_task_id","type":"VALUE","value":"ct:1767268800000:2:a:"`,
		},
		`{"name":"a","command":"/bin/prog","shell":false,"arguments":["-v"],"runAsUser":"nobody","uris":["http://x/y.tgz"]}`: {
			`"shell":false`, `"arguments":["/bin/prog","-v","-x","y"]`, `"user":"nobody"`, `"extract":true`, `"value":"http://x/y.tgz"`,
		},
		`{"name":"a","command":"https://x/run.sh"}`: {`"value":"'./run.sh' -x y"`, `"executable":true`},
		`{"name":"a","command":"do","executor":"/opt/exec","executorFlags":"-f","fetch":[{"uri":"http://x/y","executable":true,"cache":true,"extract":false,"output_file":"z"}]}`: {
			`"executor_id":{"value":"a"}`, `"type":"CUSTOM"`, `"data":"LWYgZG8="`, `"value":"/opt/exec"`, `"output_file":"z"`, `"cache":true`,
		},
		`{"name":"a","command":"do","executor":"/opt/exec","taskInfoData":"told"}`: {`"data":"dG9sZA=="`},
		`{"name":"a","command":"true","container":{"image":"debian","network":"bridge","parameters":[{"key":"k","value":"v"}],"volumes":[{"containerPath":"/c","hostPath":"/h","mode":"ro"}]}}`: {
			`"type":"DOCKER"`, `"image":"debian"`, `"network":"BRIDGE"`, `"key":"k"`, `"mode":"RO"`, `"host_path":"/h"`,
		},
		`{"name":"a","command":"true","container":{"type":"mesos","image":"debian","networkName":"n","volumes":[{"containerPath":"/c","external":{"name":"e","provider":"p","options":[{"key":"k","value":"v"}]}}]}}`: {
			`"type":"MESOS"`, `"name":"debian"`, `"cached":true`, `"name":"n"`, `"driver":"p"`, `"type":"DOCKER_VOLUME"`,
		},
	} {
		info := taskInfo(decode(t, body), r, try)
		got := mesosJSON(t, info)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: got %s, want %s in it", body, got, w)
			}
		}
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	f, err := OpenFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(dir); !errors.Is(err, boltfile.ErrInUse) {
		t.Errorf("a second one: got %v, want that it is in use", err)
	}
	rows := []registry.Row{{Table: plan.TableJobs, Key: "a", Value: []byte("1")}, {Table: plan.TableRuns, Key: "a", Value: []byte("2")}, {Table: plan.TableJobs, Key: "b", Value: []byte("3")}}
	if err := f.Write(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(t.Context(), []registry.Row{{Table: plan.TableJobs, Key: "b"}}); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		got := map[string]string{}
		if err := f.Load(t.Context(), func(r registry.Row) error { got[r.Table+" "+r.Key] = string(r.Value); return nil }); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != "map[jobs a:1 runs a:2]" {
			t.Errorf("got %v", got)
		}
	}
	check()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err = OpenFile(dir); err != nil {
		t.Fatal(err)
	}
	check()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "chronos.db"), []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(dir); err == nil {
		t.Error("a file that is something else: got no error")
	}
}

// A hook is told until it answers well; who wants to know of failures only hears of those.
func TestHooks(t *testing.T) {
	told := make(chan map[string]string, 10)
	refuse := 1
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse > 0 {
			refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		data, _ := io.ReadAll(r.Body)
		m := map[string]string{"path": r.URL.Path}
		if err := json.Unmarshal(data, &m); err != nil {
			t.Error(err)
		}
		told <- m
	}))
	defer server.Close()
	s := &Scheduler{conf: Config{NotifyURL: server.URL + "/all"}, hooks: newHooks(slog.New(slog.DiscardHandler))}
	defer s.hooks.close()
	entry := plan.Entry{Job: *decode(t, `{"name":"a","command":"true","owner":"o"}`), ErrorCount: 2}
	run := plan.Run{Job: "a", Due: noon, Outcome: plan.Success, Tries: []plan.Try{{TaskID: "t", AgentID: "S0"}}}
	s.tell([]plan.Hook{{URL: server.URL + "/success", Entry: entry, Run: run}})
	if got := <-told; got["path"] != "/success" || got["job"] != "a" || got["outcome"] != "success" || got["taskId"] != "t" || got["errorCount"] != "2" || got["to"] != "o" {
		t.Errorf("got %v", got)
	}
	run.Outcome, run.Reason = plan.Missed, "too late"
	s.tell([]plan.Hook{{Entry: entry, Run: run}})
	if got := <-told; got["path"] != "/all" || got["message"] != "too late" {
		t.Errorf("got %v", got)
	}
	run.Outcome = plan.Success
	s.tell([]plan.Hook{{Entry: entry, Run: run}}) // nobody wants to know
	s.hooks.wg.Wait()
	if len(told) != 0 {
		t.Errorf("got %v, want nobody told", <-told)
	}
}

func mesosJSON(t *testing.T, m proto.Message) string {
	t.Helper()
	data, err := mesosjson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
