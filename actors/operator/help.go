package operator

import (
	"fmt"
	"net/http"
	"strings"

	"mesos/actors/httpapi"
	"mesos/messages/jsonwriter"
)

// helps says of each endpoint of the daemons what it is for.
var helps = map[string]string{
	"/":                                  "The web pages of the cluster.",
	"/__processes__":                     "The actors of the program, and how much waits for each.",
	"/agent":                             "Files, statistics and terminals of the agent ID, for the web pages: /agent/ID/...",
	"/allocator/offer_constraints_debug": "The offer constraints of each framework, as text.",
	"/api/v1":                            "The operator API: POST a call as application/json or application/x-protobuf, like {\"type\":\"GET_STATE\"}.",
	"/api/v1/executor":                   "The API of executors: POST.",
	"/api/v1/resource_provider":          "The API of resource providers: POST.",
	"/api/v1/scheduler":                  "The API of frameworks: POST.",
	"/assets":                            "What the web pages are made of.",
	"/containerizer/debug":               "What the containerizers were asked and have not done yet.",
	"/containers":                        "The containers, with status and statistics. Parameters: container_id, or framework_id and executor_id.",
	"/create-volumes":                    "POST slaveId and volumes, a JSON array: makes persistent volumes of reserved disk.",
	"/destroy-volumes":                   "POST slaveId and volumes, a JSON array: destroys persistent volumes that nobody uses.",
	"/explain":                           "Why offers come or do not come: /explain/framework/ID, role/NAME, agent/ID, request.",
	"/faults":                            "The rules by which messages are broken; see `mesos fault`.",
	"/files/browse":                      "The entries of the directory that the parameter path names.",
	"/files/debug":                       "Which paths lead where on this machine.",
	"/files/download":                    "The file that the parameter path names, as it is.",
	"/files/read":                        "A part of the file that the parameter path names. Parameters: offset, length in bytes.",
	"/flags":                             "The flags that the daemon runs with.",
	"/framework":                         "The REST API of the marathon or chronos ID, for the web pages: /framework/ID/...",
	"/frameworks":                        "The frameworks. Parameter: framework_id.",
	"/health":                            "200 while the daemon serves.",
	"/help":                              "This list. Parameter: format=json.",
	"/live/changes":                      "For the web pages: what changes, as events.",
	"/live/leader":                       "For the web pages: who leads.",
	"/live/state":                        "For the web pages: all there is, as lines.",
	"/live/task":                         "For the web pages: one task.",
	"/logging/toggle":                    "POST or GET level (0 to 3) and duration, like 10mins: logs more for a while.",
	"/machine/down":                      "POST an array of {hostname, ip}: takes machines down that are scheduled.",
	"/machine/up":                        "POST an array of {hostname, ip}: ends the maintenance of machines.",
	"/maintenance/schedule":              "GET or POST the schedule of maintenance.",
	"/maintenance/status":                "Which machines are draining or down.",
	"/memory-profiler":                   "With --memory_profiling, what the memory is used for: /memory-profiler/download/raw, for go tool pprof, and download/text, state, statistics.",
	"/metrics":                           "The metrics in the form of OpenMetrics, for Prometheus.",
	"/metrics/snapshot":                  "The metrics, name and number. Parameter: timeout, like 5secs.",
	"/monitor/statistics":                "What the executors use.",
	"/offers/rescind":                    "POST offerId: takes an offer back.",
	"/profiler":                          "What the program spends processor time on: /profiler/start, and /profiler/stop, which answers with a profile for go tool pprof.",
	"/quota":                             "GET, POST or DELETE /quota/ROLE: quotas of roles; UPDATE_QUOTA of the operator API is newer.",
	"/redirect":                          "Leads to the master that leads.",
	"/registrar(1)/registry":             "What the master keeps over its end.",
	"/reserve":                           "POST slaveId and resources, a JSON array: reserves free resources of an agent.",
	"/roles":                             "The roles, with weight, quota and what they hold.",
	"/slaves":                            "The agents. Parameter: slave_id.",
	"/state":                             "All that the daemon knows. Big in a big cluster: /state-summary, /slaves, /frameworks and /tasks tell parts.",
	"/state-summary":                     "The agents and frameworks, and how many tasks are in which state.",
	"/system/stats.json":                 "Load, processors and memory of the machine.",
	"/tasks":                             "The tasks. Parameters: limit, offset, order, framework_id, task_id.",
	"/tasks/kill":                        "POST taskId and frameworkId: kills a task.",
	"/teardown":                          "POST frameworkId: ends a framework with its tasks.",
	"/unreserve":                         "POST slaveId and resources, a JSON array: makes reserved resources free again.",
	"/version":                           "The version of the daemon.",
	"/weights":                           "GET or PUT an array of {role, weight}.",
}

// serveHelp tells all endpoints, or of one below /help what it is for.
func serveHelp(router *httpapi.Router) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
			return
		}
		if rest := httpapi.Rest(r); rest != "" {
			helpOf(w, router, "/"+rest)
			return
		}
		own, others := router.Routes()
		if r.FormValue("format") == "json" {
			helpJSON(w, router, own, others)
			return
		}
		width := 0
		for _, p := range append(own, others...) {
			width = max(width, len(p))
		}
		var b strings.Builder
		fmt.Fprintf(&b, "Endpoints, which may also be written %s/...:\n\n", router.Process())
		for _, p := range own {
			fmt.Fprintf(&b, "  %-*s  %s\n", width, p, helps[p])
		}
		fmt.Fprint(&b, "\nOthers:\n\n")
		for _, p := range others {
			fmt.Fprintf(&b, "  %-*s  %s\n", width, p, helps[p])
		}
		httpapi.WriteBody(w, "text/plain; charset=utf-8", []byte(b.String()))
	}
}

func helpOf(w http.ResponseWriter, router *httpapi.Router, path string) {
	own, others := router.Routes()
	for _, p := range append(own, others...) {
		if path == p || path == router.Process()+p {
			httpapi.WriteBody(w, "text/plain; charset=utf-8", []byte(p+"\n"+helps[p]+"\n"))
			return
		}
	}
	httpapi.Errorf(w, http.StatusNotFound, "There is no endpoint %q: /help lists them.", path)
}

// helpJSON has the form that Mesos gives: the endpoints of each process.
func helpJSON(w http.ResponseWriter, router *httpapi.Router, own, others []string) {
	var j jsonwriter.Writer
	process := func(id string, paths []string) {
		j.Object(func() {
			j.Field("id", id)
			j.Key("endpoints")
			j.Array(func() {
				for _, p := range paths {
					j.Object(func() {
						j.Field("name", p)
						j.Field("text", helps[p])
					})
				}
			})
		})
	}
	j.Object(func() {
		j.Key("processes")
		j.Array(func() {
			process(strings.TrimPrefix(router.Process(), "/"), own)
			process("", others)
		})
	})
	body, err := j.Bytes()
	if err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "This has no JSON form: %v.", err)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}
