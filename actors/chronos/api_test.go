package chronos_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"mesos/actors/chronos"
	"mesos/actors/simtest"
)

// The bodies of the examples in Chronos's documentation of its API.
var examples = map[string]string{
	"/v1/scheduler/iso8601": `{"schedule":"R10/2012-10-01T05:52:00Z/PT2S","name":"SAMPLE_JOB1","epsilon":"PT15M","command":"echo 'FOO' >> /tmp/JOB1_OUT","owner":"bob@example.com","async":false}
{"schedule":"R/2014-09-25T17:22:00Z/PT2M","name":"dockerjob","container":{"type":"DOCKER","image":"libmesos/ubuntu","network":"BRIDGE","volumes":[{"containerPath":"/var/log/","hostPath":"/logs/","mode":"RW"}]},"cpus":"0.5","mem":"512","fetch":[],"command":"while sleep 10; do date -u +%T; done"}
{"schedule":"R/2014-09-25T17:22:00Z/PT2M","name":"pulled","command":"true","container":{"type":"DOCKER","image":"libmesos/ubuntu","forcePullImage":true}}
{"schedule":"R/2014-09-25T17:22:00Z/PT2M","name":"options","command":"true","container":{"type":"DOCKER","image":"libmesos/ubuntu","parameters":[{"key":"a-docker-option","value":"xxx"},{"key":"b-docker-option","value":"yyy"}]}}
{"schedule":"R/2014-09-25T17:22:00Z/PT2M","name":"contained","command":"true","container":{"type":"MESOS","forcePullImage":true,"image":"debian","networkInfos":[{"name":"mynet","labels":[{"key":"service","value":"test"}]}],"volumes":[{"containerPath":"/var/log/","hostPath":"/logs/","mode":"RW"},{"mode":"RW","containerPath":"/tmp","external":{"name":"test","provider":"local-persist","options":[{"key":"mountpoint","value":"/tmp/test"}]}}]}}
{"name":"camus_kafka2hdfs","command":"/srv/kafka/camus/kafka_hdfs_job.bash","arguments":["-verbose","-debug"],"shell":false,"epsilon":"PT30M","executor":"","executorFlags":"","retries":2,"owner":"bofh@example.com","async":false,"successCount":190,"errorCount":3,"lastSuccess":"2014-03-08T16:57:17.507Z","lastError":"2014-03-01T00:10:15.957Z","cpus":1.0,"disk":10240,"mem":1024,"disabled":false,"fetch":[{"uri":"https://url-to-file","cache":false,"extract":false,"executable":false}],"schedule":"R/2014-03-08T20:00:00.000Z/PT2H","environmentVariables":[{"name":"JVMOPTS","value":"-Xmx1000m"},{"name":"JAVA_LIBRARY_PATH","value":"/usr/local/lib"}]}
{"name":"db_export-airbed_hostings","command":"true","schedule":"R/2014-10-10T18:32:00Z/PT60M","scheduleTimeZone":"America/Los_Angeles","constraints":[["rack","EQUALS","rack-1"],["rack","LIKE","rack-[1-3]"],["rack","UNLIKE","rack-[4-6]"]]}
{"name":"db_export-airbed_reservation2s","command":"true"}`,
	"/v1/scheduler/dependency": `{"async":true,"command":"bash -x /srv/data-infra/jobs/hive_query.bash run_hive hostings-earnings-summary","epsilon":"PT30M","errorCount":0,"lastError":"","lastSuccess":"2013-03-15T13:02:14.243Z","name":"hostings_earnings_summary","owner":"bob@example.com","parents":["db_export-airbed_hostings","db_export-airbed_reservation2s"],"retries":2,"successCount":100}`,
}

func TestExamplesOfTheAPI(t *testing.T) {
	simtest.Run(t, simtest.Options{Agents: 0}, func(c *simtest.Cluster) {
		w := newWorld(t, c)
		posted := map[string]map[string]any{}
		for _, path := range []string{"/v1/scheduler/iso8601", "/v1/scheduler/dependency"} {
			for _, body := range strings.Split(examples[path], "\n") {
				if code, text := w.ask(http.MethodPost, path, body); code != http.StatusNoContent || text != "" {
					t.Errorf("%s %s: got %d %s, want 204", path, body, code, text)
				}
				var j map[string]any
				if err := json.Unmarshal([]byte(body), &j); err != nil {
					t.Fatal(err)
				}
				posted[fmt.Sprint(j["name"])] = j
			}
		}
		_, text := w.ask(http.MethodGet, "/v1/scheduler/jobs", "")
		var jobs []map[string]any
		if err := json.Unmarshal([]byte(text), &jobs); err != nil || len(jobs) != len(posted) {
			t.Fatalf("got %d jobs, %v, want %d", len(jobs), err, len(posted))
		}
		own := map[string]bool{"successCount": true, "errorCount": true, "lastSuccess": true, "lastError": true, "fetch": true, "container": true}
		for _, j := range jobs {
			for field, want := range posted[fmt.Sprint(j["name"])] {
				if !own[field] && fmt.Sprint(j[field]) != fmt.Sprint(want) {
					t.Errorf("job %v: %s: got %v, want %v", j["name"], field, j[field], want)
				}
			}
			for _, field := range always {
				if _, ok := j[field]; !ok {
					t.Errorf("job %v has no %s", j["name"], field)
				}
			}
			// What was listed may be sent back.
			body, err := json.Marshal(j)
			if err != nil {
				t.Fatal(err)
			}
			w.add(string(body))
		}
		if _, again := w.ask(http.MethodGet, "/scheduler/jobs", ""); again != text {
			t.Errorf("after all were sent back: got %s, want %s", again, text)
		}
	})
}

// always are the fields that Chronos gives of each job.
var always = strings.Fields(`name command shell executor executorFlags taskInfoData retries owner ownerName description successCount errorCount
	lastSuccess lastError cpus disk mem disabled softError dataProcessingJobType errorsSinceLastSuccess fetch uris environmentVariables arguments
	highPriority runAsUser concurrent maxCompletionTime constraints`)

func TestWhatTheAPIRefuses(t *testing.T) {
	simtest.Run(t, simtest.Options{Agents: 0}, func(c *simtest.Cluster) {
		w := newWorld(t, c)
		w.add(`{"name":"a","command":"true","schedule":"R/2036-01-01T00:00:00Z/PT1H"}`)
		for _, q := range []struct {
			method, path, body string
			code               int
			want               string
		}{
			{"POST", "/scheduler/iso8601", `{"name":"a b","command":"true"}`, 400, "field name"},
			{"POST", "/scheduler/iso8601", `{"name":"b"}`, 400, "field command"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","schedule":"R/soon/PT1H"}`, 400, "field schedule"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","schedule":"@daily","scheduleTimeZone":"Mars"}`, 400, "Europe/Berlin"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","parents":["a"]}`, 400, "/scheduler/dependency"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","epsilon":"soon"}`, 400, "field epsilon"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","retries":1.5}`, 400, "field retries"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","cpus":"lots"}`, 400, "no number"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","constraints":[["rack","NEAR","x"]]}`, 400, "field constraints"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","constraints":[["rack","LIKE","("]]}`, 400, "regular expression"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","onFailure":"ftp://x"}`, 400, "field onFailure"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","uris":["x"],"fetch":[{"uri":"y"}]}`, 400, "field uris"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","container":{"type":"RKT","image":"x"}}`, 400, "container.type"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","container":{"image":"x","networkInfos":[{"name":"n","portMappings":[{"hostPort":1,"containerPort":2}]}]}}`, 422, "portMappings"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true","color":"blue"}`, 422, "field color"},
			{"POST", "/scheduler/iso8601", `{"name":"b","command":"true"} {}`, 400, "goes on"},
			{"POST", "/scheduler/iso8601", `[]`, 400, ""},
			{"POST", "/scheduler/iso8601", `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, 413, ""},
			{"POST", "/scheduler/dependency", `{"name":"b","command":"true"}`, 400, "field parents"},
			{"POST", "/scheduler/dependency", `{"name":"b","command":"true","parents":["x"]}`, 400, `no job "x"`},
			{"POST", "/scheduler/dependency", `{"name":"b","command":"true","parents":["b"]}`, 400, "wait for itself"},
			{"DELETE", "/scheduler/job/x", "", 400, "no such job"},
			{"PUT", "/scheduler/job/x", "", 400, "no such job"},
			{"GET", "/scheduler/job/x", "", 400, "no such job"},
			{"GET", "/scheduler/job/stat/x", "", 400, "no such job"},
			{"DELETE", "/scheduler/task/kill/x", "", 400, "no such job"},
			{"PUT", "/scheduler/task/ct:1:0:a:", `{"statusCode":0}`, 400, "no such task"},
			{"PUT", "/scheduler/task/ct:1:0:a:", `{}`, 400, "field statusCode"},
			{"POST", "/scheduler/job/a/task/ct:1:0:a:/progress", `{"numAdditionalElementsProcessed":-1}`, 400, "below zero"},
			{"POST", "/scheduler/job/a/task/ct:1:0:a:/progress", `{"numAdditionalElementsProcessed":1}`, 400, "does not count"},
			{"GET", "/scheduler/stats/best", "", 400, "99thPercentile"},
			{"GET", "/scheduler/jobs/search?limit=x", "", 400, "limit=x"},
		} {
			code, text := w.ask(q.method, q.path, q.body)
			var answer struct{ Status, Message string }
			if err := json.Unmarshal([]byte(text), &answer); err != nil || code != q.code || answer.Status != http.StatusText(code) || !strings.Contains(answer.Message, q.want) {
				t.Errorf("%s %s %.80s: got %d %s, want %d with %q", q.method, q.path, q.body, code, text, q.code, q.want)
			}
		}
		if _, text := w.ask("GET", "/scheduler/jobs/summary", ""); strings.Count(text, `"name"`) != 1 {
			t.Errorf("got %s, want the one job that was there before", text)
		}
	})
}

// A life with the API: what it shows while jobs wait, run and end.
func TestTheAPIOfALife(t *testing.T) {
	simtest.Run(t, simtest.Options{Agents: 1, Seed: 1, Referee: true}, func(c *simtest.Cluster) {
		w := newWorld(t, c)
		w.add(`{"name":"load","command":"sleep 90","schedule":"R1//PT24H","dataProcessingJobType":true,"description":"x"}`)
		w.add(`{"name":"report","command":"sleep 1","parents":["load"],"async":true}`)
		w.add(`{"name":"manual","command":"forever","schedule":"R0/2036-01-01T00:00:00Z/PT1H"}`)
		state := func(job string) string {
			_, text := w.ask("GET", "/v1/scheduler/jobs/summary", "")
			var s struct {
				Jobs []struct{ Name, Status, State string }
			}
			if err := json.Unmarshal([]byte(text), &s); err != nil {
				t.Fatal(err)
			}
			for _, j := range s.Jobs {
				if j.Name == job {
					return j.Status + ", " + j.State
				}
			}
			return "none"
		}
		until := func(job, want string) {
			t.Helper()
			c.Until(10*time.Minute, job+" to be "+want, func() bool { return state(job) == want })
		}
		send := func(method, path, body string, want int) string {
			t.Helper()
			code, text := w.ask(method, path, body)
			if code != want {
				t.Errorf("%s %s: got %d %s, want %d", method, path, code, text, want)
			}
			return text
		}
		until("load", "fresh, 1 running")
		task := w.history("load")[0].Tries[0].TaskID
		send("POST", "/scheduler/job/load/task/"+strings.ReplaceAll(task, ":", "%3A")+"/progress", `{"numAdditionalElementsProcessed":5}`, 204)
		until("load", "success, idle")
		stat := send("GET", "/scheduler/job/stat/load", "", 200)
		for _, want := range []string{`"count":1`, `"duration":"1m30s"`, `"status":"Success"`, `"numElementsProcessed":5`, `"taskId":"` + task + `"`} {
			if !strings.Contains(stat, want) {
				t.Errorf("got %s, want %s in it", stat, want)
			}
		}
		c.Until(time.Minute, "the report to be awaited", func() bool { h := w.history("report"); return len(h) == 1 && h[0].Phase == "reporting" })
		send("PUT", "/scheduler/task/"+w.history("report")[0].Tries[0].TaskID, `{"statusCode":0}`, 204)
		if got := state("report"); got != "success, idle" {
			t.Errorf("after its report: got %s", got)
		}
		if got := send("GET", "/scheduler/graph/dot", "", 200); got != "digraph G {\n  1 [ label=\"load\" ];\n  2 [ label=\"manual\" ];\n  3 [ label=\"report\" ];\n  1 -> 3;\n}\n" {
			t.Errorf("graph: got %s", got)
		}
		if got := send("GET", "/scheduler/graph/csv", "", 200); got != "node,load,success,idle\nnode,manual,fresh,idle\nnode,report,success,idle\nlink,load,report\n" {
			t.Errorf("graph: got %s", got)
		}
		send("PUT", "/scheduler/job/manual?arguments=now", "", 204)
		until("manual", "fresh, 1 running")
		send("DELETE", "/scheduler/task/kill/manual", "", 204)
		until("manual", "failure, idle")
		send("PUT", "/scheduler/job/success/load", "", 200)
		until("report", "success, 1 running")
		for query, want := range map[string][]string{"name=LOAD": {"load"}, "command=sleep": {"load", "report"}, "any=ma": {"manual"}, "command=sleep&limit=1&offset=1": {"report"}, "": {"load", "manual", "report"}} {
			var jobs []struct{ Name string }
			if err := json.Unmarshal([]byte(send("GET", "/scheduler/jobs/search?"+query, "", 200)), &jobs); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, j := range jobs {
				got = append(got, j.Name)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("search %s: got %v, want %v", query, got, want)
			}
		}
		if got := send("GET", "/scheduler/stats/99thPercentile", "", 200); !strings.HasPrefix(got, `[{"jobNameLabel":"load","time":90}`) {
			t.Errorf("stats: got %s, want load first", got)
		}
		if got := send("GET", "/metrics", "", 200); !strings.Contains(got, `"jobs.run.success.load":{"count":2}`) {
			t.Errorf("metrics: got %s", got)
		}
		scrape, text := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
		scrape.Header.Set("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
		w.api.ServeHTTP(text, scrape)
		if got := text.Body.String(); !strings.Contains(got, "\nchronos_runs_succeeded_total{job=\"load\"} 2.0\n") || !strings.Contains(got, "\nchronos_leading 1.0\n") || !strings.HasSuffix(got, "\n# EOF\n") {
			t.Errorf("metrics as OpenMetrics: got %s", got)
		}
		for _, job := range []string{"report", "manual", "load"} {
			send("DELETE", "/scheduler/job/"+job, "", 204)
		}
		if got := send("GET", "/scheduler/jobs", "", 200); got != "[]\n" {
			t.Errorf("after all are deleted: got %s", got)
		}
	})
}

func TestStandBy(t *testing.T) {
	api := chronos.NewHTTP()
	ask := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	if w := ask("/scheduler/jobs"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("nobody leads: got %d, want 503", w.Code)
	}
	api.StandBy("10.0.0.2:4400")
	if w := ask("/v1/scheduler/jobs/search?name=x"); w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != "http://10.0.0.2:4400/v1/scheduler/jobs/search?name=x" {
		t.Errorf("another leads: got %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := ask("/leader"); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"leader":"10.0.0.2:4400"}` {
		t.Errorf("leader: got %d %s", w.Code, w.Body)
	}
	scrape, text := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
	scrape.Header.Set("Accept", "text/plain")
	if api.ServeHTTP(text, scrape); text.Code != 200 || !strings.HasSuffix(text.Body.String(), "\nchronos_leading 0\n") {
		t.Errorf("metrics of one that stands by: got %d %s", text.Code, text.Body)
	}
	if w := ask("/"); w.Code != 200 || !strings.Contains(w.Body.String(), "/v1/scheduler/jobs") {
		t.Errorf("/: got %d %q, want where the API is", w.Code, w.Body)
	}
	if w := ask("/ping"); w.Code != 200 || w.Body.String() != "pong" {
		t.Errorf("ping: got %d %s", w.Code, w.Body)
	}
}
