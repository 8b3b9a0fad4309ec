package operator

import (
	"bytes"
	"net/http"
	"runtime"
	"runtime/pprof"

	"mesos/actors/httpapi"
	"mesos/messages/jsonwriter"
)

// always is why there is nothing to start or stop.
const always = "Allocations are always sampled: /memory-profiler/download/raw has those that live now, for go tool pprof."

// serveHeap answers /memory-profiler/..., if --memory_profiling is on.
func (c *Common) serveHeap(w http.ResponseWriter, r *http.Request) {
	if !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	if c.Flags["memory_profiling"] != "true" {
		httpapi.Errorf(w, http.StatusBadRequest, "Memory profiling is off: it needs the flag --memory_profiling.")
		return
	}
	switch what := httpapi.Rest(r); what {
	case "start", "stop":
		serveObject(w, func(j *jsonwriter.Writer) { j.Field("message", always) })
	case "state":
		serveObject(w, func(j *jsonwriter.Writer) {
			j.Field("jemalloc_detected", false)
			j.Field("profiling_active", true)
			j.Field("bytes_between_samples", runtime.MemProfileRate)
		})
	case "statistics":
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		serveObject(w, func(j *jsonwriter.Writer) {
			j.Field("heap_bytes", int(m.HeapAlloc))
			j.Field("heap_objects", int(m.HeapObjects))
			j.Field("from_system_bytes", int(m.Sys))
			j.Field("allocated_since_start_bytes", int(m.TotalAlloc))
			j.Field("collections", int(m.NumGC))
		})
	case "download/raw":
		heap(w, "mesos-heap.pb.gz", 0)
	case "download/text":
		heap(w, "mesos-heap.txt", 1)
	case "download/graph":
		httpapi.Errorf(w, http.StatusNotImplemented, "Graphs are drawn by go tool pprof -svg, from /memory-profiler/download/raw.")
	default:
		httpapi.Errorf(w, http.StatusNotFound, "There is no /memory-profiler/%s: want start, stop, state, statistics, download/raw or download/text.", what)
	}
}

// heap answers with what lives now, as pprof has it, or as text with debug 1.
func heap(w http.ResponseWriter, name string, debug int) {
	runtime.GC() // the profile tells of the latest collection
	var b bytes.Buffer
	if err := pprof.Lookup("heap").WriteTo(&b, debug); err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "The profile could not be written: %v.", err)
		return
	}
	attach(w, name, b.Bytes())
}
