package operator

import (
	"maps"
	"net/http"
	"slices"

	"mesos/actors/httpapi"
	"mesos/actors/metrics"
	"mesos/actors/taskjson"
	"mesos/messages/jsonwriter"
)

// Mount registers the endpoints that every daemon has, after all others, which it lists in /help.
func (c *Common) Mount(r *httpapi.Router) {
	r.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	r.HandleFunc("/flags", c.serveFlags)
	r.Mount("/version", http.HandlerFunc(c.serveVersion))
	r.Mount("/metrics", c.Metrics.OpenMetrics())
	r.Mount("/metrics/snapshot", http.HandlerFunc(c.Metrics.ServeSnapshot))
	r.Mount("/system/stats.json", http.HandlerFunc(metrics.ServeStats))
	r.Mount("/profiler", http.HandlerFunc(processor.serve))
	r.Mount("/memory-profiler", http.HandlerFunc(c.serveHeap))
	if c.System != nil {
		r.Mount("/__processes__", http.HandlerFunc(c.serveProcesses))
	}
	if c.Level != nil {
		r.Mount("/logging/toggle", http.HandlerFunc(c.Level.ServeToggle))
	}
	if c.Faults != nil {
		r.Mount("/faults", c.Faults)
	}
	c.Files.Mount(r)
	r.Mount("/help", serveHelp(r))
	r.Wrap(func(path string, h http.Handler) http.Handler {
		return c.Realms.Guard(accessOf(path), c.authorize(path, h))
	})
	r.Disable(c.Disabled...)
}

func (c *Common) serveFlags(w http.ResponseWriter, r *http.Request) {
	serve(w, r, func(j *jsonwriter.Writer) {
		j.Key("flags")
		j.Object(func() {
			for _, name := range slices.Sorted(maps.Keys(c.Flags)) {
				j.Field(name, c.Flags[name])
			}
		})
	})
}

func (c *Common) serveVersion(w http.ResponseWriter, r *http.Request) {
	serve(w, r, func(j *jsonwriter.Writer) { taskjson.Build(j, c.Build) })
}

// serve answers with an object.
func serve(w http.ResponseWriter, r *http.Request, members func(*jsonwriter.Writer)) {
	if httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
		serveObject(w, members)
	}
}

func serveObject(w http.ResponseWriter, members func(*jsonwriter.Writer)) {
	var j jsonwriter.Writer
	j.Object(func() { members(&j) })
	body, err := j.Bytes()
	if err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "This has no JSON form: %v.", err)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}
